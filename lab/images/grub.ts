import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../host/index.ts';
import { ImageBuildFailed } from './errors.ts';
import type { Patch } from './gpt.ts';

const GRUB = '/usr/lib/grub';
const COMMON = [
  'part_gpt',
  'part_msdos',
  'ext2',
  'search',
  'search_fs_uuid',
  'normal',
  'configfile',
  'linux',
  'echo',
  'test',
];
const FORMATS = {
  bios: { format: 'i386-pc', modules: [...COMMON, 'biosdisk', 'serial', 'terminal'] },
  uefi: { format: 'x86_64-efi', modules: [...COMMON, 'fat', 'efi_gop', 'all_video'] },
} as const;

export const grubFiles: Readonly<Record<string, string>> = {
  [join(GRUB, 'i386-pc', 'boot.img')]: 'grub-pc-bin',
  [join(GRUB, 'x86_64-efi', 'moddep.lst')]: 'grub-efi-amd64-bin',
};

/** A GRUB that finds the file system with `rootUuid` and reads /boot/grub/grub.cfg there. */
export async function grubImage(
  firmware: 'bios' | 'uefi',
  options: { readonly rootUuid: string; readonly work: string },
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { format, modules } = FORMATS[firmware];
  const target = join(options.work, `grub-${firmware}.img`);
  const embedded = join(options.work, `grub-${firmware}.cfg`);
  const config = `search.fs_uuid ${options.rootUuid} root\nset prefix=($root)/boot/grub\nconfigfile $prefix/grub.cfg\n`;
  const args = ['-O', format, '-p', '/boot/grub', '-c', embedded, '-o', target, ...modules];
  await writeFile(embedded, config);
  await runCommand('grub-mkimage', args, {}, signal);
  return readFile(target);
}

const SECTOR = 512;
/** Fields of GRUB's boot.img: where the core image starts, and the jump that trusts the BIOS drive number. */
const KERNEL_SECTOR = 0x5c;
const DRIVE_CHECK = 0x66;

/** GRUB's first stage, told where the core image lies. */
export async function bootSector(coreByte: number): Promise<Uint8Array> {
  const image = await readFile(join(GRUB, 'i386-pc', 'boot.img'));
  image.writeBigUInt64LE(BigInt(coreByte / SECTOR), KERNEL_SECTOR);
  image.set([0x90, 0x90], DRIVE_CHECK);
  return image;
}

/** The core image for a BIOS boot partition: its first sector must name the sector that follows it. */
export function placedCore(core: Uint8Array, place: { readonly offset: number; readonly room: number }): Patch {
  if (core.length > place.room) throw ImageBuildFailed(`GRUB needs ${core.length} bytes, ${place.room} are there`);
  const bytes = Buffer.from(core);
  bytes.writeBigUInt64LE(BigInt(place.offset / SECTOR + 1), SECTOR - 12);
  return { offset: place.offset, bytes };
}

export interface MenuSpec {
  readonly rootUuid: string;
  readonly kernelArgs: string;
}

/** grub.cfg of the test system; `$cmdpath` tells the system which copy of GRUB the firmware chose. */
export const grubMenu = (spec: MenuSpec): string =>
  [
    'set timeout=0',
    'echo "GRUB loads the test system"',
    `linux /boot/vmlinuz root=UUID=${spec.rootUuid} lab.loader=$cmdpath ${spec.kernelArgs}`,
    'initrd /boot/initrd',
    'boot',
    '',
  ].join('\n');
