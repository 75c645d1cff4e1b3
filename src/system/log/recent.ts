import { redactText, type Secrets } from '../../core/index.ts';

const KiB = 1024;

/** The newest lines of the log, kept in memory. */
export interface RecentLines {
  write(line: string): void;
  /** At most `count`, oldest first, without secrets that are known by now. */
  last(count: number): readonly string[];
  /** Hears each new line until the returned function is called. */
  listen(hear: (line: string) => void): () => void;
  /** How many listen now. */
  listeners(): number;
}

/** `maxBytes`: of text; the oldest lines go. */
export function recentLines(secrets: Secrets, maxBytes = 512 * KiB): RecentLines {
  const lines: string[] = [];
  const listeners = new Set<(line: string) => void>();
  let size = 0;
  const clean = (line: string) => redactText(line, secrets.values());
  return {
    write: (line) => {
      lines.push(line);
      size += line.length;
      while (size > maxBytes) size -= lines.shift()?.length ?? size;
      for (const hear of [...listeners]) hear(clean(line));
    },
    last: (count) => (count === 0 ? [] : lines.slice(-count).map(clean)),
    listen: (hear) => {
      listeners.add(hear);
      return () => void listeners.delete(hear);
    },
    listeners: () => listeners.size,
  };
}
