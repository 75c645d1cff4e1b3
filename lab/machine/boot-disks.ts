import { open, readFile } from 'node:fs/promises';
import { bootEntries, guidText } from './nvram.ts';
import type { DiskSpec, MachineSpec } from './spec.ts';

/** True when a BIOS would run this first sector: the signature is there and code before it. */
export function isBootSector(sector: Uint8Array): boolean {
  return sector[510] === 0x55 && sector[511] === 0xaa && sector.subarray(0, 440).some((byte) => byte !== 0);
}

/** GUIDs of the partitions in the primary GPT, from the first bytes of a disk. */
export function partitionGuids(head: Buffer, sectorBytes: number): readonly string[] {
  if (head.toString('latin1', sectorBytes, sectorBytes + 8) !== 'EFI PART') return [];
  const first = Number(head.readBigUInt64LE(sectorBytes + 72)) * sectorBytes;
  const [count, size] = [head.readUInt32LE(sectorBytes + 80), head.readUInt32LE(sectorBytes + 84)];
  const places = Array.from({ length: Math.min(count, 128) }, (_, index) => first + index * size);
  return places
    .filter((at) => at + 32 <= head.length && head.subarray(at, at + 16).some((byte) => byte !== 0))
    .map((at) => guidText(head, at + 16));
}

const HEAD_BYTES = 6 * 4096;

async function headOf(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    await file.read(head, 0, head.length, 0);
    return head;
  } finally {
    await file.close();
  }
}

interface Judged {
  readonly name: string;
  /** Smaller is tried earlier. */
  readonly rank: number;
}

const sorted = (judged: readonly Judged[]) => [...judged].sort((a, b) => a.rank - b.rank).map((disk) => disk.name);

type Judge = (disk: DiskSpec, head: Buffer) => number;

const byBootSector: Judge = (_disk, head) => (isBootSector(head.subarray(0, 512)) ? 0 : 1);

function byEntries(store: Buffer): Judge {
  const partitions = bootEntries(store).map((entry) => entry.partition);
  return (disk, head) => {
    const guids = partitionGuids(head, disk.sectorBytes ?? 512);
    const place = partitions.findIndex((partition) => partition !== null && guids.includes(partition));
    return place < 0 ? partitions.length : place;
  };
}

/**
 * Names of the disks in the order in which firmware shall try them. BIOS: those with boot code first, for QEMU's BIOS
 * gives up after one disk where that of a server goes on. UEFI: as the boot entries that the installed system wrote
 * say; a disk without entries comes later. `vars` is the file of UEFI variables.
 */
export async function bootDisks(
  spec: MachineSpec,
  files: Readonly<Record<string, string>>,
  vars: string,
): Promise<readonly string[]> {
  const judge = spec.firmware === 'bios' ? byBootSector : byEntries(await readFile(vars));
  const judged = spec.disks.map(async (disk) => {
    const path = files[disk.name];
    // The file of a qcow2 disk does not begin with the first sector of the disk.
    const known = path !== undefined && disk.format !== 'qcow2';
    return { name: disk.name, rank: known ? judge(disk, await headOf(path)) : 0 };
  });
  return sorted(await Promise.all(judged));
}
