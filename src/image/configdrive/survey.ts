import { basename } from 'node:path';
import { inspectHolders } from '../../hardware/index.ts';
import { blkidLabel, readFromDevice } from '../../system/index.ts';
import { gptSectorSizes } from '../gpt/index.ts';
import type { ImagePorts, TargetDisk } from '../ports.ts';
import type { DosEntry, DriveSituation, Partition, TableKind } from './plan.ts';

/** The partitions of a disk; those of a multipath map are device-mapper devices above it. */
export async function partitionsOf(
  { files, tools }: ImagePorts,
  disk: string,
  signal: AbortSignal,
): Promise<readonly Partition[]> {
  const { root } = await inspectHolders({ files }, { kname: disk });
  const found = await Promise.all(
    root.children.map(async ({ kind, partition: number, path, size }): Promise<readonly Partition[]> => {
      if (kind !== 'part' || number === null) return [];
      const label = await tools.run(blkidLabel, { device: path }, signal);
      return [{ number, device: path, bytes: size, label }];
    }),
  );
  return found.flat().sort((a, b) => a.number - b.number);
}

/** Used entries of the DOS table in the first sector; null when the sector holds none. */
export function dosEntriesOf(head: Uint8Array): readonly DosEntry[] | null {
  if (head[510] !== 0x55 || head[511] !== 0xaa) return null;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return [446, 462, 478, 494]
    .filter((at) => head[at + 4] !== 0)
    .map((at) => ({ start: view.getUint32(at + 8, true), sectors: view.getUint32(at + 12, true) }));
}

function tableOf(head: Uint8Array, sectorBytes: number, dos: readonly DosEntry[] | null): TableKind {
  if (gptSectorSizes(head).includes(sectorBytes)) return 'gpt';
  return dos === null || dos.length === 0 ? 'none' : 'dos';
}

/** What is on the disk now, read from the disk and from sysfs. */
export async function surveyDisk(
  ports: ImagePorts,
  { path, size, logicalSectorBytes }: TargetDisk,
  driveBytes: number,
  signal: AbortSignal,
): Promise<DriveSituation> {
  const head = await readFromDevice(path, 0, 2 * 4096);
  const dos = dosEntriesOf(head);
  return {
    disk: path,
    table: tableOf(head, logicalSectorBytes, dos),
    partitions: await partitionsOf(ports, basename(path), signal),
    dosEntries: dos ?? [],
    diskBytes: size,
    sectorBytes: logicalSectorBytes,
    driveBytes,
  };
}
