import { createCipheriv, createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MiB } from '../../src/core/index.ts';
import type { DebianPackage } from './debian.ts';
import { buildExt4, buildFat } from './filesystems.ts';
import { type Patch, partitionTable, partitionTypes } from './gpt.ts';
import { bootSector, grubImage, grubMenu, placedCore } from './grub.ts';
import { buildInitrd, kernelOf } from './initrd.ts';
import type { TreeFile } from './tree.ts';

export interface DiskParts {
  readonly kernel: DebianPackage;
  readonly busybox: DebianPackage;
  readonly initScript: string;
  readonly osScript: string;
  readonly sizeMiB: number;
  readonly payloadMiB: number;
  readonly sectorBytes: 512 | 4096;
}

interface Place {
  readonly work: string;
  /** Goes into /etc/lab-image and the identifiers of the disk. */
  readonly name: string;
}

const BIOS_BOOT = { offset: 1 * MiB, bytes: 1 * MiB };
const ESP = { offset: 2 * MiB, bytes: 36 * MiB };
const ROOT_OFFSET = 38 * MiB;
const KERNEL_ARGS = 'ro quiet panic=30 console=tty0 console=ttyS0,115200n8';

/** The same name and role always give the same identifier. */
function stableGuid(name: string, role: string): string {
  const hex = createHash('sha256').update(`${name}/${role}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

/** Data that no compressor shrinks, always the same. */
function payload(bytes: number): Uint8Array {
  const stream = createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16));
  return stream.update(new Uint8Array(bytes));
}

/** Tells the agent (and the fallback loader of UEFI) which file to enter as boot entry, under which label. */
function bootCsv(loader: string, label: string): Uint8Array {
  const line = `${loader},${label},,This is the boot entry for ${label}\n`;
  return Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(line, 'utf16le')]);
}

async function rootFiles(parts: DiskParts, place: Place & { readonly rootUuid: string }, signal: AbortSignal) {
  const kernel = await kernelOf(parts.kernel, signal);
  const busybox = await readFile(join(parts.busybox.root, 'bin', 'busybox'));
  const initrd = await buildInitrd({ kernel, busybox, init: parts.initScript });
  const menu = grubMenu({ rootUuid: place.rootUuid, kernelArgs: KERNEL_ARGS });
  const files: TreeFile[] = [
    { path: 'boot/vmlinuz', data: kernel.image },
    { path: 'boot/initrd', data: initrd },
    { path: 'boot/grub/grub.cfg', data: menu },
    { path: 'bin/busybox', data: busybox, executable: true },
    { path: 'sbin/init', data: parts.osScript, executable: true },
    { path: 'etc/lab-image', data: `${place.name}\n` },
    { path: 'etc/os-release', data: 'ID=debian\nNAME="lab test system"\nPRETTY_NAME="lab test system"\n' },
  ];
  if (parts.payloadMiB > 0) files.push({ path: 'srv/payload', data: payload(parts.payloadMiB * MiB) });
  return files;
}

/** Applets that the scripts of the guest call: links beat `busybox --install` on a read-only root. */
const APPLETS = [
  ...['sh', 'mount', 'umount', 'cat', 'sed', 'tr', 'tail', 'head', 'basename', 'readlink', 'findfs', 'uname', 'mkdir'],
  ...['printf', 'chmod', 'acpid', 'poweroff', 'reboot', 'setsid', 'sleep', 'ls', 'ps', 'dmesg', 'ip', 'vi', 'echo'],
  ...['lsmod', 'fdisk', 'df', 'free', 'hexdump', 'sync', 'id', 'grep', 'less', 'wget', 'udhcpc', 'hostname', 'stty'],
];

async function espFiles(rootUuid: string, work: string, signal: AbortSignal): Promise<readonly TreeFile[]> {
  const data = await grubImage('uefi', { rootUuid, work }, signal);
  return [
    { path: 'EFI/BOOT/BOOTX64.EFI', data },
    { path: 'EFI/debian/grubx64.efi', data },
    { path: 'EFI/debian/BOOTX64.CSV', data: bootCsv('grubx64.efi', 'debian') },
  ];
}

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
  const rootUuid = stableGuid(name, 'root-fs');
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
  const bytes = parts.sizeMiB * MiB - ROOT_OFFSET - MiB;
  const files = await rootFiles(parts, { ...place, rootUuid }, signal);
  const links = Object.fromEntries(APPLETS.map((applet) => [`bin/${applet}`, 'busybox']));
  const folders = ['proc', 'sys', 'dev', 'run', 'tmp'];
  await buildExt4({ target: root, work, bytes, uuid: rootUuid, label: 'lab-root', files, folders, links }, signal);
  await patch(disk, parts.sizeMiB * MiB, [...layout(parts, name, loader.bootCode), ...loader.core]);
  await insert(disk, esp, ESP.offset);
  await insert(disk, root, ROOT_OFFSET);
  return disk;
}
