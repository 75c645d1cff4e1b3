import { execFileSync } from 'node:child_process';
import { basename } from 'node:path';
import { type Node, type Tell, tellNobody } from '../../src/core/index.ts';
import { type PartitionReport, planImage, planPartitions, writePartitionImage } from '../../src/image/index.ts';
import { aDisk } from './disk-builder.ts';
import { realImagePorts, testSettings } from './image-ports.ts';
import type { LoopDisk } from './loop-disk.ts';

export const run = (bin: string, ...args: readonly string[]): string =>
  execFileSync(bin, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** One order for a partition image, as the conductor gives it. */
export interface PartitionOrder {
  readonly info: Readonly<Record<string, unknown>>;
  readonly node: Node;
  readonly drive?: Uint8Array;
  readonly settings?: Partial<typeof testSettings>;
  readonly tell?: Tell;
  readonly signal?: AbortSignal;
}

const never = new AbortController().signal;

/** Plans and deploys a partition image on a loop device, with real programs. */
export async function deployPartitions(disk: LoopDisk, order: PartitionOrder): Promise<PartitionReport> {
  const { info, node, drive, tell = tellNobody, signal = never } = order;
  const settings = { ...testSettings, espMib: 36, ...order.settings };
  const ports = realImagePorts();
  const image = planImage({ image_type: 'partition', disk_format: 'raw', ...info }, settings);
  if (image.partitions === null) throw new Error('no partition image');
  const { path, size, logicalSectorBytes } = disk;
  const target = aDisk(basename(path), { path, size, logicalSectorBytes });
  const content = drive === undefined ? null : ({ bytes: drive, kind: 'iso9660' } as const);
  const input = { disk: target, node, request: image.partitions, drive: content, settings };
  const partitions = await planPartitions(ports, input, signal);
  const { partitionLooks } = settings;
  const make = { partitionLooks, busyDisk: { waitMs: 100, retries: 10 } };
  const full = { image, partitions, settings: make, onBegin: () => undefined };
  return writePartitionImage(ports, target, full, tell, signal);
}

export interface Row {
  readonly start: number;
  readonly size: number;
  readonly type: string;
  readonly bootable?: boolean;
  readonly name?: string;
  readonly uuid?: string;
}

/** The partition table, as sfdisk reads it from the device. */
export function tableOf(path: string): {
  readonly label: string;
  readonly id: string;
  readonly partitions: readonly Row[];
} {
  return JSON.parse(run('sfdisk', '--json', path)).partitiontable;
}

/** One tag of a device, as blkid finds it on the device itself; empty without one. */
export function tagOf(device: string, tag: 'TYPE' | 'LABEL' | 'UUID' | 'PART_ENTRY_UUID'): string {
  try {
    return run('blkid', '--probe', '-s', tag, '-o', 'value', device).trim();
  } catch {
    return '';
  }
}
