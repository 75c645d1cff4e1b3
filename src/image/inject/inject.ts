import { CommandExecutionFailed, reasonOf, type Tell } from '../../core/index.ts';
import { DeviceNotFound } from '../../hardware/index.ts';
import { type Tree, withMounted, withTree } from '../../system/index.ts';
import { rescan } from '../disk/index.ts';
import type { ImagePorts, ImageSettings } from '../ports.ts';
import { contentOf } from './content.ts';
import type { InjectedFile } from './entries.ts';
import { locate } from './locate.ts';
import { resolveOwner } from './owner.ts';
import type { Batch } from './plan.ts';

export interface InjectOrder {
  readonly files: readonly InjectedFile[];
  /** Device of the root disk; null when no file needs it. */
  readonly disk: string | null;
  readonly settings: ImageSettings;
}

/** True when a place is looked for on the root disk. */
export const needsRootDisk = (files: readonly InjectedFile[]): boolean =>
  files.some(({ partition }) => partition.by !== 'device');

/** The kernel's words without our way to the file. */
const plainReason = (error: unknown): string => reasonOf(error).replace(/^(E[A-Z0-9]+: [^,]+), .*$/, '$1');

async function put(
  ports: ImagePorts,
  tree: Tree,
  file: InjectedFile,
  settings: ImageSettings,
  signal: AbortSignal,
): Promise<void> {
  if (file.kind === 'delete') return void (await tree.remove(file.path));
  const { mode, folderMode, owner, group } = file;
  await tree.replace(file.path, contentOf(ports, file, settings, signal), {
    mode: mode ?? undefined,
    folderMode: folderMode ?? undefined,
    uid: await resolveOwner(tree, owner, '/etc/passwd'),
    gid: await resolveOwner(tree, group, '/etc/group'),
  });
}

/** Says which file of which device, and how far it came. */
function failure(file: InjectedFile, device: string, done: number, all: number, error: unknown) {
  const what = file.kind === 'delete' ? 'delete' : 'write';
  const before = done === 0 ? 'nothing was changed before' : `${done} of ${all} files were done before`;
  return CommandExecutionFailed(`cannot ${what} ${file.path} on ${device}: ${plainReason(error)}; ${before}`, {
    cause: error,
  });
}

async function perform(
  ports: ImagePorts,
  { target, files }: Batch,
  { settings, files: all }: InjectOrder,
  { before, tell, signal }: { readonly before: number; readonly tell: Tell; readonly signal: AbortSignal },
): Promise<void> {
  const { device } = target;
  const work = async (tree: Tree) => {
    for (const [at, file] of files.entries()) {
      signal.throwIfAborted();
      try {
        await put(ports, tree, file, settings, signal);
      } catch (error) {
        signal.throwIfAborted();
        throw failure(file, device, before + at, all.length, error);
      }
      ports.log.info('inject.file', { device, path: file.path, did: file.kind });
      tell({ phase: 'inject-files', done: before + at + 1, total: all.length, unit: 'items', on: device });
    }
  };
  await withMounted(ports, { ...target, access: 'write' }, (root) => withTree(ports, root, work), signal);
}

/**
 * Puts files into the deployed system (steps.md 7.2). All places are found before the first file is written; then each
 * file is written whole or not at all, in the order of the list. Contents are never logged.
 * @throws DeviceNotFound when a file has no place; nothing was written then
 * @throws CommandExecutionError naming the file and the device
 */
export async function injectFiles(
  ports: ImagePorts,
  order: InjectOrder,
  tell: Tell,
  signal: AbortSignal,
): Promise<void> {
  if (order.files.length === 0) return;
  try {
    if (order.disk !== null) await rescan(ports, order.disk, signal);
    const batches = await locate(ports, order, signal);
    let before = 0;
    for (const batch of batches) {
      await perform(ports, batch, order, { before, tell, signal });
      before += batch.files.length;
    }
  } catch (error) {
    signal.throwIfAborted();
    if (DeviceNotFound.is(error) || CommandExecutionFailed.is(error)) throw error;
    throw CommandExecutionFailed(`files cannot be put into the deployed system: ${plainReason(error)}`, {
      cause: error,
    });
  }
}
