import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MiB } from '../../../src/core/index.ts';
import { buildFat } from '../filesystems.ts';
import { type Patch, partitionTable, partitionTypes } from '../gpt.ts';
import { bootSector, grubImage, placedCore } from '../grub.ts';
import { buildRoot, type DiskParts, espFiles, type Place, rootUuidOf, stableGuid } from './root-files.ts';

const BIOS_BOOT = { offset: 1 * MiB, bytes: 1 * MiB };
const ESP = { offset: 2 * MiB, bytes: 36 * MiB };
const ROOT_OFFSET = 38 * MiB;
/** Copies a file into the disk; runs of zero stay holes. */
async function insert(target: string, source: string, offset: number): Promise<void> {
  const file = await open(target, 'r+');
  try {
    let position = offset;
    for await (const chunk of createReadStream(source, { highWaterMark: MiB })) {
      const bytes = Buffer.from(chunk);
      if (!bytes.every((byte) => byte === 0)) await file.write(bytes, 0, bytes.length, position);
      position += bytes.length;
    }
  } finally {
    await file.close();
  }
  await rm(source);
}

async function patch(target: string, diskBytes: number, patches: readonly Patch[]): Promise<void> {
  const file = await open(target, 'w');
  try {
    await file.truncate(diskBytes);
    for (const { offset, bytes } of patches) await file.write(bytes, 0, bytes.length, offset);
  } finally {
    await file.close();
  }
}

function layout(parts: DiskParts, name: string, bootCode: Uint8Array | null): readonly Patch[] {
  const diskBytes = parts.sizeMiB * MiB;
  const part = (role: string, type: string, firstByte: number, bytes: number) => ({
    ...{ name: role, type, firstByte, bytes },
    guid: stableGuid(name, role),
  });
  return partitionTable({
    diskGuid: stableGuid(name, 'disk'),
    diskBytes,
    sectorBytes: parts.sectorBytes,
    ...(bootCode === null ? {} : { bootCode }),
    partitions: [
      part('bios-boot', partitionTypes.biosBoot, BIOS_BOOT.offset, BIOS_BOOT.bytes),
      part('esp', partitionTypes.esp, ESP.offset, ESP.bytes),
      part('root', partitionTypes.linuxRoot, ROOT_OFFSET, diskBytes - ROOT_OFFSET - MiB),
    ],
  });
}

/** BIOS knows sectors of 512 bytes only: a disk with larger ones gets no BIOS loader. */
async function biosLoader(parts: DiskParts, rootUuid: string, work: string, signal: AbortSignal) {
  if (parts.sectorBytes !== 512) return { bootCode: null, core: [] };
  const core = await grubImage('bios', { rootUuid, work }, signal);
  const placed = placedCore(core, { offset: BIOS_BOOT.offset, room: BIOS_BOOT.bytes });
  return { bootCode: await bootSector(BIOS_BOOT.offset), core: [placed] };
}

/** Builds the raw disk in `place.work` and returns its path. */
export async function buildRawDisk(parts: DiskParts, place: Place, signal: AbortSignal): Promise<string> {
  const { work, name } = place;
  const [esp, root, disk] = [join(work, 'esp.img'), join(work, 'root.img'), join(work, 'disk.raw')];
  const rootUuid = rootUuidOf(name);
  const loader = await biosLoader(parts, rootUuid, work, signal);
  await buildFat(
    {
      target: esp,
      work,
      bytes: ESP.bytes,
      label: 'ESP',
      sectorBytes: parts.sectorBytes,
      files: await espFiles(rootUuid, work, signal),
    },
    signal,
  );
  await buildRoot(parts, place, { target: root, bytes: parts.sizeMiB * MiB - ROOT_OFFSET - MiB }, signal);
  await patch(disk, parts.sizeMiB * MiB, [...layout(parts, name, loader.bootCode), ...loader.core]);
  await insert(disk, esp, ESP.offset);
  await insert(disk, root, ROOT_OFFSET);
  return disk;
}
