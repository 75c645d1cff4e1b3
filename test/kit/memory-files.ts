import type { Files } from '../../src/system/index.ts';

/** Text of a file, or what else is at the path; `link` and `kind` may go together. */
export type Entry =
  | string
  | {
      readonly link?: string;
      readonly base64?: string;
      readonly kind?: 'file' | 'dir' | 'block' | 'char' | 'other';
    };
export type Entries = Readonly<Record<string, Entry>>;

export interface MemoryFiles extends Files {
  /** What was written and poked, in order, as `path=text`. */
  readonly written: readonly string[];
}

const absent = (path: string) => new Error(`ENOENT: no such file, open '${path}'`);

/** Files from a table. Paths are literal: what stands behind a link is recorded under the link's own path. */
export function memoryFiles(entries: Entries): MemoryFiles {
  const at = new Map(Object.entries(entries));
  const written: string[] = [];
  const below = (dir: string) => [...at.keys()].filter((path) => path.startsWith(`${dir}/`));
  const namesIn = (dir: string) =>
    [...new Set(below(dir).map((p) => p.slice(dir.length + 1).split('/')[0] ?? ''))].sort();
  const bytesOf = (path: string): Uint8Array | null => {
    const entry = at.get(path);
    if (typeof entry === 'string') return Buffer.from(entry);
    return entry?.base64 === undefined ? null : Buffer.from(entry.base64, 'base64');
  };
  const bytes = async (path: string) => {
    const found = bytesOf(path);
    if (found === null) throw absent(path);
    return found;
  };
  const linkOf = (path: string) => {
    const entry = at.get(path);
    return typeof entry === 'object' ? (entry.link ?? null) : null;
  };
  return {
    written,
    bytes,
    text: async (path) => Buffer.from(await bytes(path)).toString('utf8'),
    textOrNull: async (path) => {
      const found = bytesOf(path);
      return found === null ? null : Buffer.from(found).toString('utf8').trim();
    },
    head: async (path, limit) => (await bytes(path)).subarray(0, limit),
    tail: async (path, limit) => (await bytes(path)).subarray(-limit),
    names: async (dir) => {
      const found = namesIn(dir);
      if (found.length === 0 && !at.has(dir)) throw absent(dir);
      return found;
    },
    list: async (dir) => namesIn(dir),
    //...new Set(below(dir).map((p) => p.slice(dir.length + 1).split('/')[0] ?? ''))].sort(),
    link: async (path) => linkOf(path),
    real: async (path) => linkOf(path) ?? (at.has(path) || below(path).length > 0 ? path : null),
    kind: async (path) => {
      const entry = at.get(path);
      if (typeof entry === 'object' && entry.kind !== undefined) return entry.kind;
      if (below(path).length > 0) return 'dir';
      return entry === undefined ? null : 'file';
    },
    write: async (path, data) => {
      const text = typeof data === 'string' ? data : Buffer.from(data).toString('utf8');
      written.push(`${path}=${text}`);
      at.set(path, text);
    },
    poke: async (path, text) => {
      written.push(`${path}=${text}`);
    },
    makeDir: async (path) => {
      at.set(path, { kind: 'dir' });
    },
    makeTempDir: async (prefix) => `/tmp/${prefix}0`,
    removeEmptyDir: async (path) => void at.delete(path),
    remove: async (path) => {
      for (const key of [path, ...below(path)]) at.delete(key);
    },
  };
}
