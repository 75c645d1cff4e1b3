import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { type Log, reasonOf } from '../../core/index.ts';
import type { Tools } from '../tool.ts';
import { cpAttributes } from '../tools/index.ts';
import { type FileFacts, pathIn, unlessFat } from './folders.ts';

/** Numbers as the file system stores them; what is absent stays as it is, or is 0644 and root. */
export interface Attributes {
  readonly mode?: number | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

export interface Replacement {
  readonly dir: FileHandle;
  readonly name: string;
  /** The file of that name, when there is one. */
  readonly before: FileFacts | null;
  readonly attributes: Attributes;
  readonly content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

type Ports = { readonly tools: Tools; readonly log: Log };

const NEW_FILE = 0o644;

/** Access lists and SELinux labels too: without its label a replaced file is not readable to the service it belongs to. */
async function inherit({ tools, log }: Ports, { dir, name }: Replacement, temporary: string): Promise<void> {
  const input = { from: pathIn(dir, name, process.pid), to: pathIn(dir, temporary, process.pid) };
  await tools.run(cpAttributes, input).catch((error: unknown) => {
    log.warn('tree.attributes.lost', { name, reason: reasonOf(error) });
  });
}

async function setOwner(file: FileHandle, { before, attributes }: Replacement): Promise<void> {
  const now = await file.stat();
  const uid = attributes.uid ?? before?.uid ?? now.uid;
  const gid = attributes.gid ?? before?.gid ?? now.gid;
  if (uid === now.uid && gid === now.gid) return;
  const asked = attributes.uid !== undefined || attributes.gid !== undefined;
  await file.chown(uid, gid).catch((error: unknown) => {
    if (asked) throw error;
    unlessFat(error);
  });
}

/** After the owner: a change of owner takes the set-user bit away. */
async function setMode(file: FileHandle, { before, attributes }: Replacement): Promise<void> {
  const mode = attributes.mode ?? before?.mode ?? NEW_FILE;
  if (((await file.stat()).mode & 0o7777) === mode) return;
  await file.chmod(mode).catch((error: unknown) => {
    if (attributes.mode !== undefined) throw error;
    unlessFat(error);
  });
}

/** Names of a folder are on the disk only after this. */
export async function syncFolder(dir: FileHandle): Promise<void> {
  const readable = await open(pathIn(dir, '.'), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await readable.sync();
  } finally {
    await readable.close();
  }
}

async function fill(ports: Ports, replacement: Replacement, temporary: string, file: FileHandle): Promise<void> {
  if (replacement.before !== null) await inherit(ports, replacement, temporary);
  for await (const chunk of replacement.content) await file.writeFile(chunk);
  await setOwner(file, replacement);
  await setMode(file, replacement);
  await file.sync();
}

/** Written beside the target and moved there when it is whole and on the disk; until then nobody but root may read it. */
export async function replaceIn(ports: Ports, replacement: Replacement): Promise<void> {
  const { dir, name } = replacement;
  const temporary = `.inject-${randomUUID()}`;
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const file = await open(pathIn(dir, temporary), flags, 0o600);
  try {
    await fill(ports, replacement, temporary, file).finally(() => file.close());
    await rename(pathIn(dir, temporary), pathIn(dir, name));
  } catch (error) {
    await unlink(pathIn(dir, temporary)).catch(() => undefined);
    throw error;
  }
  await syncFolder(dir);
}
