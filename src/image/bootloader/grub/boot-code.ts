import type { ImagePorts, TargetDisk } from '../../ports.ts';
import type { NamedPartition } from '../identifiers.ts';

const SECTOR = 512;
const TABLE = 446;
const ENTRY = 16;
const JUMPS = [0xeb, 0xe9];

/** A boot sector that starts with a jump, as the ones of boot loaders do; a bare partition table starts with nothing. */
export const hasBootCode = (sector: Uint8Array): boolean =>
  sector[510] === 0x55 && sector[511] === 0xaa && JUMPS.includes(sector[0] ?? 0);

/** Numbers of the partitions that carry the boot flag of a DOS table. */
export const activePartitions = (sector: Uint8Array): readonly number[] =>
  [1, 2, 3, 4].filter((number) => sector[TABLE + (number - 1) * ENTRY] === 0x80);

/** The image came with a boot loader for BIOS (imaging 6.4, 1): code on the disk or in a partition with the boot flag. */
export async function hasBootLoader(
  { files }: ImagePorts,
  disk: TargetDisk,
  partitions: readonly NamedPartition[],
): Promise<boolean> {
  const first = await files.head(disk.path, SECTOR);
  const flagged = partitions.filter(({ number }) => activePartitions(first).includes(number));
  if (flagged.length === 0) return false;
  if (hasBootCode(first)) return true;
  const sectors = await Promise.all(flagged.map(({ device }) => files.head(device, SECTOR)));
  return sectors.some(hasBootCode);
}
