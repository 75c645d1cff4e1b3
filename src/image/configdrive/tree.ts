import { type AgentError, formatBytes } from '../../core/index.ts';
import { MAX_DRIVE_BYTES } from './content.ts';

const MAX_ENTRIES = 10_000;
const MAX_DEPTH = 16;

/** What an operator can do about a drive that cannot be read. */
export const REMAKE = 'make the config drive anew, and deploy again';

export interface DriveFile {
  /** Relative, with slashes: `openstack/latest/meta_data.json`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** A file or folder as a directory names it. */
export interface TreeEntry {
  readonly name: string;
  readonly directory: boolean;
  /** Where its content begins, in blocks of the file system. */
  readonly start: number;
  /** Bytes. */
  readonly length: number;
}

/** How one kind of file system in memory is read. It trusts nothing in it, and throws only `broken`. */
export interface TreeReader {
  readonly root: TreeEntry;
  contentOf(entry: TreeEntry): Uint8Array;
  /** Without the folder itself and its parent. */
  entriesIn(directory: Uint8Array): Iterable<TreeEntry>;
  broken(why: string): AgentError;
}

const isSafeName = (name: string) => name !== '' && name !== '.' && name !== '..' && !/[/\\\0]/.test(name);

/**
 * Every file of a file system. One that was made to be endless costs no more than a good one of the largest size:
 * folders that contain themselves or share their place are refused, entries, depth and bytes are counted.
 * @throws DeploymentError
 */
export function readTree({ root, contentOf, entriesIn, broken }: TreeReader): readonly DriveFile[] {
  const files: DriveFile[] = [];
  const folders = new Set<number>();
  let entries = 0;
  let total = 0;
  const read = (entry: TreeEntry): Uint8Array => {
    const bytes = contentOf(entry);
    total += bytes.length;
    if (total > MAX_DRIVE_BYTES) throw broken(`its files have more than ${formatBytes(MAX_DRIVE_BYTES)}`);
    return bytes;
  };
  const walk = (folder: TreeEntry, inside: string, depth: number) => {
    if (depth > MAX_DEPTH) throw broken('its folders are nested too deeply');
    if (folders.has(folder.start)) throw broken(`folder ${JSON.stringify(inside)} is also another one`);
    folders.add(folder.start);
    for (const entry of entriesIn(read(folder))) {
      entries += 1;
      if (entries > MAX_ENTRIES) throw broken(`it has more than ${MAX_ENTRIES} files and folders`);
      if (!isSafeName(entry.name)) throw broken(`unusable file name ${JSON.stringify(entry.name)}`);
      const path = `${inside}${entry.name}`;
      if (entry.directory) walk(entry, `${path}/`, depth + 1);
      else files.push({ path, bytes: read(entry) });
    }
  };
  walk(root, '', 0);
  return files;
}
