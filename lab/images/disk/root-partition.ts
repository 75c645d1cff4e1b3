import { join } from 'node:path';
import { MiB } from '../../../src/core/index.ts';
import { bootSector, grubImage, placedCore } from '../grub.ts';
import type { TreeFile } from '../tree.ts';
import { buildRoot, type DiskParts, espFiles, type Place, rootUuidOf } from './root-files.ts';

/** Where an image keeps the boot files that belong on an EFI system partition. */
const ESP_ON = 'boot/efi';

const SECTOR = 512;
/** Between the partition table and the first partition. */
const GAP = { offset: SECTOR, room: MiB - SECTOR };

/** What GRUB's own program does on a disk with a DOS table, with a core image that is made already. */
const INSTALL = `#!/bin/sh
set -e
dd if=/boot/grub/boot.img of="$1" bs=440 count=1 conv=notrunc
dd if=/boot/grub/core.img of="$1" bs=${SECTOR} seek=${GAP.offset / SECTOR} conv=notrunc
sync
`;
/** The menu is there. */
const MKCONFIG = '#!/bin/sh\ntest -s "$2"\n';

/** Stands for GRUB of a distribution, which would bring a hundred megabytes. */
async function grubPrograms(rootUuid: string, work: string, signal: AbortSignal): Promise<readonly TreeFile[]> {
  const core = placedCore(await grubImage('bios', { rootUuid, work }, signal), GAP);
  return [
    { path: 'boot/grub/boot.img', data: await bootSector(GAP.offset) },
    { path: 'boot/grub/core.img', data: core.bytes },
    { path: 'usr/sbin/grub-install', data: INSTALL, executable: true },
    { path: 'usr/sbin/grub-mkconfig', data: MKCONFIG, executable: true },
  ];
}

/**
 * The test system as a partition image: its root file system, which brings the boot files of an EFI system partition and
 * a program that installs GRUB for a BIOS.
 */
export async function buildRootPartition(parts: DiskParts, place: Place, signal: AbortSignal): Promise<string> {
  const { work, name } = place;
  const target = join(work, 'root.img');
  const rootUuid = rootUuidOf(name);
  const esp = (await espFiles(rootUuid, work, signal)).map((file) => ({ ...file, path: join(ESP_ON, file.path) }));
  const more = [...esp, ...(await grubPrograms(rootUuid, work, signal))];
  await buildRoot(parts, place, { target, bytes: parts.sizeMiB * MiB, more }, signal);
  return target;
}
