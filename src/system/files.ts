import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import {
  chmod,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Files of the machine. With another root the same code reads a recorded `/sys` and `/proc`. */
export interface Files {
  text(path: string): Promise<string>;
  /** Trimmed content, or null when it cannot be read (absent, EIO of a dead device, no permission). */
  textOrNull(path: string): Promise<string | null>;
  bytes(path: string): Promise<Uint8Array>;
  /** The first bytes of a file, at most `limit`: for what may be of any size. */
  head(path: string, limit: number): Promise<Uint8Array>;
  /** The last bytes of a file, at most `limit`. */
  tail(path: string, limit: number): Promise<Uint8Array>;
  /** Sorted names; empty when the folder cannot be read. */
  list(dir: string): Promise<readonly string[]>;
  /** As `list`, but a folder that cannot be read is an error. */
  names(dir: string): Promise<readonly string[]>;
  /** Target of a symbolic link as written, or null. */
  link(path: string): Promise<string | null>;
  /** Canonical path with every link followed, or null. */
  real(path: string): Promise<string | null>;
  kind(path: string): Promise<'file' | 'dir' | 'block' | 'char' | 'other' | null>;
  /** Atomic: a reader sees the old or the new content. Creates the folder. */
  write(path: string, data: string | Uint8Array, options?: { readonly mode?: number }): Promise<void>;
  /** One write at the beginning of an existing file, which keeps its length and attributes: for /proc and /sys controls. */
  poke(path: string, text: string): Promise<void>;
  makeDir(path: string, mode?: number): Promise<void>;
  makeTempDir(prefix: string): Promise<string>;
  remove(path: string): Promise<void>;
  /** Never touches what is inside: for mount points. */
  removeEmptyDir(path: string): Promise<void>;
}

/** Reads on until the limit or the end: one read may give less than there is. */
async function partOf(path: string, limit: number, end: 'head' | 'tail'): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    // Devices and files of /proc have no size before they are read.
    const { size } = await file.stat();
    const from = end === 'head' ? 0 : Math.max(0, size - limit);
    const into = Buffer.alloc(size === 0 ? limit : Math.min(limit, size));
    let filled = 0;
    for (;;) {
      const { bytesRead } = await file.read(into, filled, into.length - filled, from + filled);
      filled += bytesRead;
      if (bytesRead === 0 || filled === into.length) return into.subarray(0, filled);
    }
  } finally {
    await file.close();
  }
}

/** Written beside the target and moved there when it is whole. */
async function replaceFile(target: string, data: string | Uint8Array, mode: number): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}`);
  const file = await open(temporary, 'wx', mode);
  try {
    await file.writeFile(data);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, target);
}

const orNull = <T>(work: Promise<T>): Promise<T | null> => work.catch(() => null);

export function createFiles(root = '/'): Files {
  const at = (path: string) => join(root, path);
  const outside = (path: string) => (root === '/' ? path : join('/', path.slice(root.replace(/\/$/, '').length)));
  return {
    text: (path) => readFile(at(path), 'utf8'),
    textOrNull: async (path) => (await orNull(readFile(at(path), 'utf8')))?.trim() ?? null,
    bytes: (path) => readFile(at(path)),
    head: (path, limit) => partOf(at(path), limit, 'head'),
    tail: (path, limit) => partOf(at(path), limit, 'tail'),
    list: async (dir) => ((await orNull(readdir(at(dir)))) ?? []).sort(),
    names: async (dir) => (await readdir(at(dir))).sort(),
    link: (path) => orNull(readlink(at(path))),
    real: async (path) => {
      const found = await orNull(realpath(at(path)));
      return found === null ? null : outside(found);
    },
    kind: async (path) => {
      const found = await orNull(stat(at(path)));
      if (found === null) return null;
      if (found.isFile()) return 'file';
      if (found.isDirectory()) return 'dir';
      if (found.isBlockDevice()) return 'block';
      return found.isCharacterDevice() ? 'char' : 'other';
    },
    write: (path, data, options = {}) => replaceFile(at(path), data, options.mode ?? 0o644),
    poke: async (path, text) => {
      // Write-only: of /proc/sys even root may open no more than the file's mode allows.
      const file = await open(at(path), constants.O_WRONLY);
      try {
        await file.write(text);
      } finally {
        await file.close();
      }
    },
    makeDir: async (path, mode = 0o755) => {
      await mkdir(at(path), { recursive: true, mode });
      await chmod(at(path), mode);
    },
    makeTempDir: (prefix) => mkdtemp(join(at('/tmp'), prefix)),
    remove: (path) => rm(at(path), { recursive: true, force: true }),
    removeEmptyDir: (path) => rmdir(at(path)),
  };
}
