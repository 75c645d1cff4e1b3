import { createCipheriv, createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MiB } from '../../../src/core/index.ts';
import type { DebianPackage } from '../debian.ts';
import { buildExt4 } from '../filesystems.ts';
import { grubImage, grubMenu } from '../grub.ts';
import { buildInitrd, kernelOf } from '../initrd.ts';
import type { TreeFile } from '../tree.ts';

export interface DiskParts {
  readonly kernel: DebianPackage;
  readonly busybox: DebianPackage;
  readonly initScript: string;
  readonly osScript: string;
  readonly sizeMiB: number;
  readonly payloadMiB: number;
  readonly sectorBytes: 512 | 4096;
  readonly kind: 'disk' | 'partition';
}

export interface Place {
  readonly work: string;
  /** Goes into /etc/lab-image and the identifiers of the disk. */
  readonly name: string;
}

const KERNEL_ARGS = 'ro quiet panic=30 console=tty0 console=ttyS0,115200n8';

/** The same name and role always give the same identifier. */
export function stableGuid(name: string, role: string): string {
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
  ...[
    'lsmod',
    'fdisk',
    'df',
    'free',
    'hexdump',
    'sync',
    'id',
    'grep',
    'less',
    'wget',
    'udhcpc',
    'hostname',
    'stty',
    'dd',
  ],
];

export async function espFiles(rootUuid: string, work: string, signal: AbortSignal): Promise<readonly TreeFile[]> {
  const data = await grubImage('uefi', { rootUuid, work }, signal);
  return [
    { path: 'EFI/BOOT/BOOTX64.EFI', data },
    { path: 'EFI/debian/grubx64.efi', data },
    { path: 'EFI/debian/BOOTX64.CSV', data: bootCsv('grubx64.efi', 'debian') },
  ];
}

/** Identifier of the root file system, by which boot loader and system find it. */
export const rootUuidOf = (name: string) => stableGuid(name, 'root-fs');

interface RootTarget {
  readonly target: string;
  readonly bytes: number;
  /** Beside those that every image has. */
  readonly more?: readonly TreeFile[];
}

/** The root file system of the test system as a file. */
export async function buildRoot(parts: DiskParts, place: Place, root: RootTarget, signal: AbortSignal): Promise<void> {
  const { work, name } = place;
  const { target, bytes, more = [] } = root;
  const uuid = rootUuidOf(name);
  const files = [...(await rootFiles(parts, { ...place, rootUuid: uuid }, signal)), ...more];
  const links = Object.fromEntries(APPLETS.map((applet) => [`bin/${applet}`, 'busybox']));
  const folders = ['proc', 'sys', 'dev', 'run', 'tmp'];
  await buildExt4({ target, work, bytes, uuid, label: 'lab-root', files, folders, links }, signal);
}
