import { open } from 'node:fs/promises';
import type { DiskSpec } from './spec.ts';

/** True when a BIOS would run this first sector: the signature is there and code before it. */
export function isBootSector(sector: Uint8Array): boolean {
  return sector[510] === 0x55 && sector[511] === 0xaa && sector.subarray(0, 440).some((byte) => byte !== 0);
}

async function firstSector(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const sector = new Uint8Array(512);
    await file.read(sector, 0, sector.length, 0);
    return sector;
  } finally {
    await file.close();
  }
}

/**
 * Names of the disks, those that can boot first: QEMU's BIOS gives up after the first disk,
 * where the BIOS of a server goes on to the next.
 */
export async function bootDisks(
  disks: readonly DiskSpec[],
  files: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const judged = await Promise.all(
    disks.map(async ({ name, format }) => {
      const path = files[name];
      const opaque = format === 'qcow2' || path === undefined;
      return { name, boots: opaque || isBootSector(await firstSector(path)) };
    }),
  );
  return [...judged.filter((disk) => disk.boots), ...judged.filter((disk) => !disk.boots)].map((disk) => disk.name);
}
