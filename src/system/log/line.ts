export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** pino's numbers: the word people read, and the priority of sd-daemon(3) that gives a journal entry its level. */
const LEVELS: Readonly<Record<number, { readonly word: string; readonly priority: number }>> = {
  20: { word: 'DEBUG', priority: 7 },
  30: { word: 'INFO', priority: 6 },
  40: { word: 'WARN', priority: 4 },
  50: { word: 'ERROR', priority: 3 },
};
const levelOf = (level: unknown) => LEVELS[Number(level)] ?? { word: 'INFO', priority: 6 };

/** The journal splits longer lines (48 KiB), and what it splits off would lose its level. */
const MAX_FIELDS = 32 * 1024;

/** Fields as they are, or, when they would burst a line, the beginning of their JSON as one text. */
export function bounded(fields: object): object {
  const text = JSON.stringify(fields, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  return text.length <= MAX_FIELDS ? fields : { cut: `${text.slice(0, MAX_FIELDS / 2)}...`, length: text.length };
}

const quoted = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return typeof value === 'string' && (text === '' || /[\s"\p{Cc}]/u.test(text)) ? JSON.stringify(text) : text;
};

/** One JSON line of pino as `2026-01-01 00:00:00.000 INFO disk.wipe.start disk=/dev/sda`. */
export function textLine(line: string): string {
  const { level, time, event, ...fields }: Record<string, unknown> = JSON.parse(line);
  const stamp = new Date(Number(time)).toISOString().replace('T', ' ').replace('Z', '');
  const rest = Object.entries(fields).map(([key, value]) => `${key}=${quoted(value)}`);
  return `${[stamp, levelOf(level).word, event, ...rest].join(' ')}\n`;
}

/** `<6>` before a line tells the journal that it is information. */
export function priorityOf(line: string): string {
  const { level }: Record<string, unknown> = JSON.parse(line);
  return `<${levelOf(level).priority}>`;
}
