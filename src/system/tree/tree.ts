import { constants } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import type { Log } from '../../core/index.ts';
import { PathRefused } from '../errors.ts';
import type { Tools } from '../tool.ts';
import { type FileFacts, makeFolder, openFolders, pathIn } from './folders.ts';
import { type Attributes, replaceIn, syncFolder } from './replace.ts';
import { type Folders, walk } from './walk.ts';

export type { Attributes } from './replace.ts';

/**
 * A file system that is not to be trusted. Paths mean what they mean to the system installed there: its root is the root,
 * also for links and `..`, so no path leads out of it.
 */
export interface Tree {
  isFolder(path: string): Promise<boolean>;
  /** The first bytes of a regular file, at most `limit`; null without one. */
  head(path: string, limit: number): Promise<Uint8Array | null>;
  /**
   * Replaces or creates a regular file, whole or not at all; missing folders are made, the last with `folderMode`.
   * @throws PathRefused, what `content` throws, and errors of the file system
   */
  replace(
    path: string,
    content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    attributes?: Attributes & { readonly folderMode?: number | undefined },
  ): Promise<void>;
  /** Deletes a file, or a link and not what it leads to; false when there was none. @throws PathRefused for a folder */
  remove(path: string): Promise<boolean>;
}

interface Ports {
  readonly tools: Tools;
  readonly log: Log;
}
type Root = Folders<FileHandle, FileFacts>;

const NEW_FOLDER = 0o755;

async function head(dir: FileHandle, name: string, limit: number): Promise<Uint8Array> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(pathIn(dir, name), flags);
  try {
    const into = Buffer.alloc(Math.min(limit, (await file.stat()).size));
    const { bytesRead } = await file.read(into, 0, into.length, 0);
    return into.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function replace(ports: Ports, root: Root, ...[path, content, attributes = {}]: Parameters<Tree['replace']>) {
  const { folderMode = NEW_FOLDER } = attributes;
  const make = (dir: FileHandle, name: string, last: boolean) => makeFolder(dir, name, last ? folderMode : NEW_FOLDER);
  return walk(root, path, { followLast: true, make }, async (place) => {
    if (place === null || place.name === null) throw PathRefused(`${path} is a folder`);
    const { dir, name, found } = place;
    if (found !== null && found.kind !== 'file') throw PathRefused(`${path} is there, but not as a regular file`);
    await replaceIn(ports, { dir, name, before: found?.file ?? null, attributes, content });
  });
}

function remove(root: Root, path: string): Promise<boolean> {
  return walk(root, path, { followLast: false }, async (place) => {
    if (place === null) return false;
    if (place.name === null) throw PathRefused(`${path} is a folder`);
    if (place.found === null) return false;
    await unlink(pathIn(place.dir, place.name));
    await syncFolder(place.dir);
    return true;
  });
}

/** Opens the tree at `root`, a folder of the ramdisk such as a mount point, for the time of `work`. */
export async function withTree<T>(ports: Ports, root: string, work: (tree: Tree) => Promise<T>): Promise<T> {
  const folders = await openFolders(root);
  const following = { followLast: true };
  try {
    return await work({
      isFolder: (path) => walk(folders, path, following, async (place) => place !== null && place.name === null),
      head: (path, limit) =>
        walk(folders, path, following, async (place) =>
          place?.found?.kind === 'file' && place.name !== null ? head(place.dir, place.name, limit) : null,
        ),
      replace: (...call) => replace(ports, folders, ...call),
      remove: (path) => remove(folders, path),
    });
  } finally {
    await folders.leave(folders.root);
  }
}
