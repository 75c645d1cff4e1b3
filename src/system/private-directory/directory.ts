import { constants } from 'node:fs';
import { chmod, lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PrivateDirectoryRefused } from '../errors.ts';
import { type Found, judge } from './judge.ts';

/** A directory for this user alone. Writes are done one after the other, in the order they were asked for. */
export interface PrivateDirectory {
  readonly path: string;
  /** Null when absent. Rejects when it is no plain file or longer than `maxBytes`. */
  read(name: string, maxBytes: number): Promise<string | null>;
  /** Atomic, mode 0600; on the disk when resolved. */
  write(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
}

export interface OpenedDirectory {
  readonly directory: PrivateDirectory;
  /** What was put right, as sentences for the log. */
  readonly repairs: readonly string[];
}

/** Which names belong in the directory. */
export interface OwnNames {
  readonly kept: RegExp;
  /** What an ended process may have left half done; removed. */
  readonly leftover: RegExp;
}

const TEMPORARY = '.new';

async function look(path: string, names: OwnNames): Promise<Found | null> {
  const facts = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (facts === null) return null;
  const other = facts.isSymbolicLink() ? 'link' : 'other';
  const kind = facts.isDirectory() ? 'dir' : other;
  const inside = kind === 'dir' ? await readdir(path) : [];
  const strange = inside.filter((name) => !names.kept.test(name) && !isLeftover(name, names));
  return { kind, uid: facts.uid, mode: facts.mode & 0o777, strange };
}

const isLeftover = (name: string, { leftover }: OwnNames) => name.endsWith(TEMPORARY) || leftover.test(name);

async function readWhole(path: string, maxBytes: number): Promise<string | null> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    // Not blocking: a pipe in this place must not hold the agent up.
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  try {
    const facts = await file.stat();
    if (!facts.isFile()) throw new Error('it is not a plain file');
    if (facts.size > maxBytes) throw new Error(`it has ${facts.size} bytes, more than ${maxBytes}`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  await directory.sync().finally(() => directory.close());
}

async function replace(path: string, text: string): Promise<void> {
  const temporary = `${path}${TEMPORARY}`;
  await rm(temporary, { recursive: true, force: true });
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncDirectory(dirname(path));
}

function handleOf(path: string): PrivateDirectory {
  let last: Promise<unknown> = Promise.resolve();
  const inOrder = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
  return {
    path,
    read: (name, maxBytes) => readWhole(join(path, name), maxBytes),
    write: (name, text) => inOrder(() => replace(join(path, name), text)),
    remove: (name) => inOrder(() => rm(join(path, name), { recursive: true, force: true })),
  };
}

/**
 * Opens or makes a directory that only this user may enter, and removes what an ended process left half done.
 * @throws PrivateDirectoryRefused when it is not ours, or cannot be made ours without harm
 */
export async function openPrivateDirectory(path: string, names: OwnNames): Promise<OpenedDirectory> {
  const verdict = judge(await look(path, names), process.geteuid?.() ?? 0);
  if (verdict.kind === 'refuse') throw PrivateDirectoryRefused(`${path} cannot hold secrets: ${verdict.why}`);
  if (verdict.kind === 'make') {
    await mkdir(dirname(path), { recursive: true });
    await mkdir(path, { mode: 0o700 });
  }
  if (verdict.kind === 'repair') await chmod(path, 0o700);
  const empty = verdict.kind === 'repair' && verdict.empty;
  const gone = (await readdir(path)).filter((name) => empty || isLeftover(name, names));
  for (const name of gone) await rm(join(path, name), { recursive: true, force: true });
  const emptied = empty ? '; it was emptied, for others could write there' : '';
  return { directory: handleOf(path), repairs: verdict.kind === 'repair' ? [`${path}: ${verdict.why}${emptied}`] : [] };
}
