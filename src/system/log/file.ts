import { closeSync, constants, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { MiB, reasonOf } from '../../core/index.ts';

export interface LogFileOptions {
  /** A file that grows beyond this is moved to `<path>.1`, whose predecessor goes: the file system is memory. */
  readonly maxBytes?: number;
}

export interface LogFile {
  readonly path: string;
  /** Appends one line; never throws. @returns why it could not, or null */
  write(line: string): string | null;
}

interface Opened {
  readonly fd: number;
  /** Null: not a regular file (a console, a pipe), so nothing to measure or to move. */
  bytes: number | null;
}

const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants;

/** Without blocking: opening a pipe that nobody reads would wait for ever. */
function open(path: string): Opened {
  mkdirSync(dirname(path), { recursive: true });
  const fd = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o644);
  const found = fstatSync(fd);
  return { fd, bytes: found.isFile() ? found.size : null };
}

/**
 * A log file that is opened at the first line and takes at most twice `maxBytes` on disk. Lines go out synchronously, so
 * that what was logged before a crash is there; a line that does not fit anywhere is lost, the agent is not.
 */
export function openLogFile(path: string, { maxBytes = 8 * MiB }: LogFileOptions = {}): LogFile {
  let opened: Opened | null = null;
  const close = () => {
    if (opened !== null) closeSync(opened.fd);
    opened = null;
  };
  const roomFor = (bytes: number): Opened => {
    opened ??= open(path);
    if (opened.bytes === null || opened.bytes === 0 || opened.bytes + bytes <= maxBytes) return opened;
    close();
    renameSync(path, `${path}.1`);
    opened = open(path);
    return opened;
  };
  return {
    path,
    write: (line) => {
      const data = Buffer.from(line);
      try {
        const file = roomFor(data.byteLength);
        const done = writeSync(file.fd, data);
        if (file.bytes !== null) file.bytes += done;
        return done === data.byteLength ? null : 'no space is left for the line';
      } catch (error) {
        close();
        return reasonOf(error);
      }
    },
  };
}

export interface HeldLines extends LogFile {
  /** Writes them, oldest first, and holds no more. */
  release(to: (line: string) => void): void;
}

/** The newest lines of the time before it is known which file they belong to. */
export function holdLines(maxLines = 1000): HeldLines {
  let lines: readonly string[] = [];
  return {
    path: 'memory',
    write: (line) => {
      lines = [...lines.slice(1 - maxLines), line];
      return null;
    },
    release: (to) => {
      for (const line of lines) to(line);
      lines = [];
    },
  };
}
