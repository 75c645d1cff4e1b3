import { constants } from 'node:fs';
import { chmod, type FileHandle, mkdir, open, readlink } from 'node:fs/promises';
import type { Folders, Found } from './walk.ts';

/** Opens a place for its name only: no device is touched, no pipe waits. Not in node's constants; the same on x86 and ARM. */
const O_PATH = 0o10_000_000;

export interface FileFacts {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** The way to a name in an open folder. `pid` is ours in the eyes of another program. */
export const pathIn = ({ fd }: FileHandle, name: string, pid: number | 'self' = 'self'): string =>
  `/proc/${pid}/fd/${fd}/${name}`;

export const isCode = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && codes.some((code) => code === error.code);

async function look(dir: FileHandle, name: string): Promise<Found<FileHandle, FileFacts> | null> {
  const handle = await open(pathIn(dir, name), O_PATH | constants.O_NOFOLLOW).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  });
  if (handle === null) return null;
  let kept = false;
  try {
    const stat = await handle.stat();
    if (stat.isDirectory()) {
      kept = true;
      return { kind: 'dir', dir: handle };
    }
    if (stat.isSymbolicLink()) return { kind: 'link', target: await readlink(pathIn(dir, name)) };
    if (!stat.isFile()) return { kind: 'other' };
    return { kind: 'file', file: { mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid } };
  } finally {
    if (!kept) await handle.close();
  }
}

/** The folders below `root`, each held open by itself: what its name means later does not matter. */
export async function openFolders(root: string): Promise<Folders<FileHandle, FileFacts>> {
  const handle = await open(root, O_PATH | constants.O_NOFOLLOW | constants.O_DIRECTORY);
  return { root: handle, look, leave: (dir) => dir.close() };
}

/** A new folder with exactly this mode, whatever the umask is. */
export async function makeFolder(dir: FileHandle, name: string, mode: number): Promise<FileHandle> {
  await mkdir(pathIn(dir, name), 0o700);
  const made = await open(pathIn(dir, name), O_PATH | constants.O_NOFOLLOW | constants.O_DIRECTORY);
  try {
    await chmod(pathIn(made, '.'), mode).catch(unlessFat);
  } catch (error) {
    await made.close();
    throw error;
  }
  return made;
}

/** FAT and the like have no modes and owners: what was not asked for by the operator need not succeed. */
export function unlessFat(error: unknown): void {
  if (!isCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP')) throw error;
}
