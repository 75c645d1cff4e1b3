import { type DestinationStream, pino } from 'pino';
import { type Fields, type Log, redact, redactText, type Secrets } from '../../core/index.ts';
import type { LogFile } from './file.ts';
import { bounded, type LogLevel, priorityOf, textLine } from './line.ts';
import type { RecentLines } from './recent.ts';

export interface LogOptions {
  readonly debug: boolean;
  /** `text`: one readable line per event for consoles and the journal; `json`: one object per line. */
  readonly format: 'text' | 'json';
  readonly secrets: Secrets;
  /** Standard error is the journal: each line starts with its priority. */
  readonly journal?: boolean;
  /** Gets every line too. The first line that it cannot take is a warning, further ones are lost in silence. */
  readonly file?: LogFile | null;
  /** Gets every line too. */
  readonly recent?: RecentLines | null;
  readonly destination?: DestinationStream;
}

/** Characters kept for a standard error that takes none just now. */
const MAX_HELD = 1024 * 1024;

/** Standard error. What it cannot take, a full device or a pipe that nobody reads, is lost, the agent is not. */
function standardError(): DestinationStream {
  const stream = pino.destination({ dest: 2, sync: true, maxLength: MAX_HELD });
  stream.on('error', () => undefined);
  return stream;
}

/** The lines of pino, shaped for people where wanted, to standard error, to the file and to what remembers them. */
function streamOf({ format, journal = false, file = null, recent = null, destination }: LogOptions): DestinationStream {
  const sink = destination ?? standardError();
  const shaped = format === 'json' ? (line: string) => line : textLine;
  const show = (line: string) => void sink.write(`${journal ? priorityOf(line) : ''}${shaped(line)}`);
  let complained = false;
  const keep = (line: string) => {
    const why = file?.write(shaped(line)) ?? null;
    if (why === null || complained) return;
    complained = true;
    show(JSON.stringify({ level: 40, time: Date.now(), event: 'log.file.failed', file: file?.path, why }));
  };
  return {
    write: (line) => {
      show(line);
      keep(line);
      recent?.write(shaped(line));
    },
  };
}

/** Logs to standard error, synchronously: what was logged before a crash is seen. */
export function createLog(options: LogOptions): Log {
  const logger = pino({ base: null, level: options.debug ? 'debug' : 'info' }, streamOf(options));
  const emit =
    (level: LogLevel) =>
    (event: string, fields: Fields = {}) => {
      if (!logger.isLevelEnabled(level)) return;
      const clean = redact(fields, options.secrets.values());
      logger[level]({ event: redactText(event), ...bounded(typeof clean === 'object' && clean !== null ? clean : {}) });
    };
  return { debug: emit('debug'), info: emit('info'), warn: emit('warn'), error: emit('error') };
}
