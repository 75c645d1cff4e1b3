import { MiB, reasonOf } from '../../../core/index.ts';
import { ddZero, dmsetupRemove, partxDelete, wipefsAll, wipefsList, type ZeroRange } from '../../../system/index.ts';
import { BlockDeviceEraseFailed } from '../../errors.ts';
import type { HardwarePorts } from '../../ports.ts';
import type { BlockNode } from '../holders.ts';
import { settle } from '../list.ts';
import { partitionsOf } from '../sysfs.ts';

export type EraseAct =
  | { readonly do: 'wipe-signatures'; readonly device: string }
  | ({ readonly do: 'zero' } & ZeroRange)
  | { readonly do: 'forget-partitions'; readonly device: string }
  | { readonly do: 'remove-map'; readonly device: string; readonly name: string }
  | { readonly do: 'verify'; readonly device: string; readonly kname: string };

/**
 * A mebibyte at each end holds both GPT copies for every sector size, MBR and EBR, LVM, md of every version,
 * firmware RAID and all four ZFS labels.
 */
const END_BYTES = MiB;

/** Ranges to zero on a device of `size` bytes; both ends meet on small ones such as a 1 KiB extended partition. */
export function endsOf(device: string, size: number): readonly ZeroRange[] {
  const head = { device, offset: 0, length: Math.min(size, END_BYTES) };
  if (size <= END_BYTES) return [head];
  const offset = Math.max(END_BYTES, size - END_BYTES);
  return [head, { device, offset, length: size - offset }];
}

const zeroEnds = (node: BlockNode): readonly EraseAct[] =>
  endsOf(node.path, node.size).map((range) => ({ do: 'zero', ...range }));

export function wipePartition(node: BlockNode): readonly EraseAct[] {
  const acts: readonly EraseAct[] = [
    { do: 'wipe-signatures', device: node.path },
    ...zeroEnds(node),
    { do: 'verify', device: node.path, kname: node.kname },
  ];
  // A partition of a multipath map is a mapping of its own and keeps the map busy.
  return node.dmName === null ? acts : [...acts, { do: 'remove-map', device: node.path, name: node.dmName }];
}

export function wipeDisk(node: BlockNode): readonly EraseAct[] {
  return [
    { do: 'wipe-signatures', device: node.path },
    ...zeroEnds(node),
    { do: 'forget-partitions', device: node.path },
    { do: 'verify', device: node.path, kname: node.kname },
  ];
}

export function describeErase(act: EraseAct): string {
  if (act.do === 'zero') return `zero ${act.length} bytes at ${act.offset}`;
  if (act.do === 'remove-map') return `remove partition mapping ${act.name}`;
  return act.do.replace('-', ' ');
}

type ActPorts = Pick<HardwarePorts, 'tools' | 'files' | 'log'>;

export async function performErase(ports: ActPorts, act: EraseAct, signal?: AbortSignal): Promise<void> {
  if (act.do === 'wipe-signatures') return ports.tools.run(wipefsAll, act, signal);
  if (act.do === 'zero') return ports.tools.run(ddZero, act, signal);
  if (act.do === 'remove-map') return ports.tools.run(dmsetupRemove, act, signal);
  if (act.do === 'verify') return verify(ports, act, signal);
  await ports.tools.run(partxDelete, act, signal).catch((error: unknown) => {
    signal?.throwIfAborted();
    // What counts is checked by `verify`.
    ports.log.warn('disk.partitions.forget.failed', { device: act.device, reason: reasonOf(error) });
  });
  await settle(ports, signal);
}

/** Nothing that a kernel, udev or boot loader would recognise may be left. */
async function verify(
  { tools, files }: ActPorts,
  { device, kname }: EraseAct & { readonly do: 'verify' },
  signal?: AbortSignal,
): Promise<void> {
  const left = (await tools.run(wipefsList, { device }, signal)).map((s) => `${s.type} at ${s.offset}`);
  const parts = await partitionsOf(files, kname);
  if (left.length === 0 && parts.length === 0) return;
  throw BlockDeviceEraseFailed(`${device} still shows ${[...left, ...parts].join(', ')} after wiping`, {
    hint: 'the disk ignores writes or something re-created the data; check its health',
  });
}
