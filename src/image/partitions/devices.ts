import { basename } from 'node:path';
import { DeploymentFailed } from '../../core/index.ts';
import { inspectHolders } from '../../hardware/index.ts';
import { rescan } from '../disk/index.ts';
import type { ImagePorts } from '../ports.ts';
import { type Layout, type PlannedPartition, roleFacts } from './layout/index.ts';

export interface PartitionDevice extends PlannedPartition {
  /** As the kernel names it, never guessed: `/dev/nvme0n1p2`, `/dev/dm-3`. */
  readonly device: string;
}

const LOOK_MS = 1_000;
const SYSFS_SECTOR = 512;

interface Seen {
  readonly path: string;
  readonly number: number | null;
  readonly size: number;
  /** Null for a mapping, which does not tell. */
  readonly start: number | null;
  readonly isBlock: boolean;
}

async function seenOn({ files }: ImagePorts, disk: string): Promise<readonly Seen[]> {
  const { root } = await inspectHolders({ files }, { kname: basename(disk) });
  const parts = root.children.filter(({ kind }) => kind === 'part');
  return Promise.all(
    parts.map(async ({ kname, path, partition, size }) => {
      const start = await files.textOrNull(`/sys/class/block/${kname}/start`);
      const isBlock = (await files.kind(path)) === 'block';
      return { path, number: partition, size, start: start === null ? null : Number(start) * SYSFS_SECTOR, isBlock };
    }),
  );
}

function problemOf({ role, number, start, bytes }: PlannedPartition, seen: readonly Seen[]): string | null {
  const found = seen.find((one) => one.number === number);
  const what = `partition ${number} (${roleFacts[role].words})`;
  if (found === undefined) return `${what} is missing`;
  const moved = found.start !== null && found.start !== start;
  if (moved || found.size !== bytes) return `${what} has another place or size than the table says`;
  return found.isBlock ? null : `${what} has no device node ${found.path}`;
}

/**
 * Waits until kernel and udev have every partition of the layout, at its place and with its size.
 * @param looks tries, a second apart
 * @throws DeploymentError naming what is missing
 */
export async function awaitDevices(
  ports: ImagePorts,
  { disk, partitions }: Layout,
  looks: number,
  signal: AbortSignal,
): Promise<readonly PartitionDevice[]> {
  for (let look = 1; ; look += 1) {
    await rescan(ports, disk.path, signal);
    const seen = await seenOn(ports, disk.path);
    const problems = partitions.flatMap((planned) => problemOf(planned, seen) ?? []);
    const extra = seen.filter(({ number }) => !partitions.some((planned) => planned.number === number));
    const all = [...problems, ...extra.map(({ path }) => `${path} is not expected`)];
    if (all.length === 0)
      return partitions.map((planned) => ({
        ...planned,
        device: seen.find(({ number }) => number === planned.number)?.path ?? '',
      }));
    if (look >= looks)
      throw DeploymentFailed(`the partitions of ${disk.path} did not appear: ${all.join('; ')}`, {
        hint: 'the kernel did not accept the partition table; see dmesg in the log archive',
      });
    await ports.clock.sleep(LOOK_MS, signal);
  }
}
