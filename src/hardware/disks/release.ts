import { reasonOf } from '../../core/index.ts';
import { dmsetupRemove, mdadmStop, swapoff, umount } from '../../system/index.ts';
import { BlockDeviceFailed, ProtectedDevice } from '../errors.ts';
import type { HardwarePorts } from '../ports.ts';
import { type BlockNode, deepestFirst, type HolderTree, parseMountInfo } from './holders.ts';

export type ReleaseAct =
  | { readonly do: 'unmount'; readonly device: string; readonly mountPoint: string }
  | { readonly do: 'swapoff'; readonly device: string }
  | { readonly do: 'stop-md'; readonly device: string }
  | { readonly do: 'remove-dm'; readonly device: string; readonly name: string };

/** Where a running system or the medium of a live ramdisk is mounted. */
const SYSTEM_MOUNT =
  /^\/$|^\/(boot|usr|etc|var|bin|sbin|lib|lib64|run|dev|proc|sys|opt|home|root|srv)$|^\/(boot|usr|var|lib)\/|^\/run\/(live|initramfs|rootfsbase|overlay|archiso)(\/|$)|^\/cdrom(\/|$)/;

/** Why the running system needs this device, or null. */
export function systemUseOf(node: BlockNode): string | null {
  for (const at of deepestFirst(node)) {
    const point = at.mounts.find((mount) => SYSTEM_MOUNT.test(mount));
    if (point !== undefined) return `${at.path} is mounted at ${point} of the running system`;
    if (at.loopsAbove.length > 0) return `a file on ${at.path} backs /dev/${at.loopsAbove[0]}`;
    // A backing file that was deleted or moved still keeps the device alive.
    if (at.kind === 'loop') return `${at.path} stands on it`;
  }
  return null;
}

/**
 * What must be undone, deepest first, before the disk is free.
 * @throws ProtectedDeviceError when the running system needs it
 * @throws BlockDeviceError when a holder is of a kind that the agent does not stop
 */
export function planRelease(tree: HolderTree): readonly ReleaseAct[] {
  const use = systemUseOf(tree.root);
  if (use !== null) throw ProtectedDevice(`${tree.disk} must not be touched: ${use}`);
  const nodes = deepestFirst(tree.root);
  const path = nodes.find((node) => node.dmUuid?.startsWith('mpath-') === true && node.path !== tree.disk);
  if (path !== undefined)
    throw BlockDeviceFailed(`${tree.disk} is one path of the multipath map ${path.path}`, {
      hint: `use ${path.path}`,
    });
  return [...unmounts(nodes), ...swapoffs(nodes), ...nodes.flatMap((node) => stop(node, tree))];
}

/** A mount inside another one always has the longer path, so longest first is a safe order. */
function unmounts(nodes: readonly BlockNode[]): readonly ReleaseAct[] {
  return nodes
    .flatMap((node) => node.mounts.map((mountPoint) => ({ do: 'unmount' as const, device: node.path, mountPoint })))
    .toSorted((a, b) => b.mountPoint.length - a.mountPoint.length);
}

const swapoffs = (nodes: readonly BlockNode[]): readonly ReleaseAct[] =>
  nodes.filter((node) => node.swap).map((node) => ({ do: 'swapoff', device: node.path }));

function stop(node: BlockNode, tree: HolderTree): readonly ReleaseAct[] {
  if (node === tree.root || node.kind === 'part') return [];
  if (node.kind === 'md') return [{ do: 'stop-md', device: node.path }];
  if (node.kind === 'dm') return [{ do: 'remove-dm', device: node.path, name: node.dmName ?? node.kname }];
  throw BlockDeviceFailed(`${tree.disk} is held by ${node.path}, which the agent does not know how to stop`);
}

/** False when that cannot be known. */
async function isGone({ files }: Pick<HardwarePorts, 'files'>, mountPoint: string): Promise<boolean> {
  const text = await files.textOrNull('/proc/self/mountinfo');
  return text !== null && !parseMountInfo(text).some(({ point }) => point === mountPoint);
}

/** @throws BlockDeviceError naming the act that failed */
export async function release(
  ports: Pick<HardwarePorts, 'tools' | 'files' | 'log'>,
  act: ReleaseAct,
  signal?: AbortSignal,
): Promise<void> {
  ports.log.info('disk.release', { ...act });
  await run(ports, act, signal).catch(async (error: unknown) => {
    signal?.throwIfAborted();
    // A mount of another disk that lay around this one took it along.
    if (act.do === 'unmount' && (await isGone(ports, act.mountPoint))) return;
    throw BlockDeviceFailed(`${describeRelease(act)} failed: ${reasonOf(error)}`, { cause: error });
  });
}

function run({ tools }: Pick<HardwarePorts, 'tools'>, act: ReleaseAct, signal?: AbortSignal): Promise<void> {
  if (act.do === 'unmount') return tools.run(umount, act, signal);
  if (act.do === 'swapoff') return tools.run(swapoff, act, signal);
  if (act.do === 'stop-md') return tools.run(mdadmStop, act, signal);
  return tools.run(dmsetupRemove, act, signal);
}

export function describeRelease(act: ReleaseAct): string {
  if (act.do === 'unmount') return `unmount ${act.mountPoint} (${act.device})`;
  if (act.do === 'swapoff') return `stop swapping to ${act.device}`;
  if (act.do === 'stop-md') return `stop array ${act.device}`;
  return `remove device-mapper ${act.name} (${act.device})`;
}
