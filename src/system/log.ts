import { type DestinationStream, pino } from 'pino';
import { type Fields, type Log, redact, redactText, type Secrets } from '../core/index.ts';

export interface LogOptions {
  readonly debug: boolean;
  /** `text`: one readable line per event for consoles and the journal; `json`: one object per line. */
  readonly format: 'text' | 'json';
  readonly secrets: Secrets;
  readonly destination?: DestinationStream;
}

const LEVELS: Readonly<Record<number, string>> = { 20: 'DEBUG', 30: 'INFO', 40: 'WARN', 50: 'ERROR' };

function textLine(line: string): string {
  const { level, time, event, ...fields }: Record<string, unknown> = JSON.parse(line);
  const stamp = new Date(Number(time)).toISOString().replace('T', ' ').replace('Z', '');
  const rest = Object.entries(fields).map(([key, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return `${key}=${/[\s"]/.test(text) && typeof value === 'string' ? JSON.stringify(text) : text}`;
  });
  return `${[stamp, LEVELS[Number(level)] ?? 'INFO', event, ...rest].join(' ')}\n`;
}

/** Logs to standard error, synchronously: what was logged before a crash is seen. */
export function createLog(options: LogOptions): Log {
  const sink = options.destination ?? pino.destination({ dest: 2, sync: true });
  const stream = options.format === 'json' ? sink : { write: (line: string) => void sink.write(textLine(line)) };
  const logger = pino({ base: null, level: options.debug ? 'debug' : 'info' }, stream);
  const emit =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (event: string, fields: Fields = {}) => {
      if (!logger.isLevelEnabled(level)) return;
      const clean = redact(fields, options.secrets.values());
      logger[level]({ event: redactText(event), ...(typeof clean === 'object' ? clean : {}) });
    };
  return { debug: emit('debug'), info: emit('info'), warn: emit('warn'), error: emit('error') };
}
