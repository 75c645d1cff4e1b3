import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { kernelPackageName, unpackedPackage } from '../../lab/images/debian.ts';
import { buildInitrd, kernelOf } from '../../lab/images/initrd.ts';
import { silentLog as log } from '../../src/core/index.ts';

const root = join(import.meta.dirname, '../..');
const cache = join(root, '.cache/debian');
const guest = (name: string) => readFileSync(join(root, 'lab/images/guest', name), 'utf8');

/** GRUB for BIOS and UEFI with what its programs link to; busybox stands for everything else of a system. */
const PACKAGES = [
  ...[
    'libc6',
    'libdevmapper1.02.1',
    'libudev1',
    'libselinux1',
    'libpcre2-8-0',
    'liblzma5',
    'libefiboot1',
    'libefivar1',
  ],
  ...['grub-common', 'grub2-common', 'grub-pc-bin', 'grub-efi-amd64-bin', 'busybox-static'],
];
const NEEDLESS = ['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'usr/share/lintian', 'usr/share/i18n'];
const GRUB_DEFAULTS = `GRUB_TIMEOUT=0
GRUB_DISTRIBUTOR=Lab
GRUB_CMDLINE_LINUX="panic=30 console=tty0 console=ttyS0,115200n8 lab.loader=$cmdpath"
`;

export interface GrubSystem {
  /** The line that it prints once it is up. */
  readonly banner: string;
  readonly fstab: string;
}

/** The tree of a small Debian system without a boot loader, with kernel, GRUB's real programs, and the guest of the lab. */
export async function grubSystemTree(tree: string, { banner, fstab }: GrubSystem, signal: AbortSignal): Promise<void> {
  const options = { cache, log };
  mkdirSync(tree, { recursive: true });
  for (const name of PACKAGES) {
    const found = await unpackedPackage(name, options, signal);
    cpSync(found.root, tree, { recursive: true, verbatimSymlinks: true, force: true });
  }
  for (const path of NEEDLESS) rmSync(join(tree, path), { recursive: true, force: true });
  const kernel = await kernelOf(await unpackedPackage(await kernelPackageName(signal), options, signal), signal);
  const busybox = readFileSync(join(tree, 'bin/busybox'));
  const put = (path: string, data: string | Uint8Array, mode = 0o644) => {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), data, { mode });
  };
  put(`boot/vmlinuz-${kernel.release}`, kernel.image);
  put(`boot/initrd.img-${kernel.release}`, await buildInitrd({ kernel, busybox, init: guest('initrd.sh') }));
  put('sbin/init', guest('os.sh'), 0o755);
  put('etc/lab-image', `${banner}\n`);
  put('etc/os-release', 'ID=debian\nNAME="Lab"\nPRETTY_NAME="Lab"\n');
  put('etc/default/grub', GRUB_DEFAULTS);
  put('etc/fstab', fstab);
  for (const folder of ['proc', 'sys', 'dev', 'run', 'tmp', 'root']) mkdirSync(join(tree, folder), { recursive: true });
  for (const applet of execFileSync('busybox', ['--list'], { encoding: 'utf8' }).trim().split('\n')) {
    const there = ['bin', 'sbin', 'usr/bin', 'usr/sbin'].some((folder) => existsSync(join(tree, folder, applet)));
    if (!there) symlinkSync('busybox', join(tree, 'bin', applet));
  }
}
