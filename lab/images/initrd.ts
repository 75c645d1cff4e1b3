import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { runCommand } from '../host/index.ts';
import { type CpioEntry, cpioArchive } from './cpio.ts';
import type { DebianPackage } from './debian.ts';
import { ImageBuildFailed } from './errors.ts';

/** What a guest of the lab must drive: disks, file systems, the network, UEFI variables, the power button. */
const DRIVERS = ['virtio_pci', 'virtio_blk', 'virtio_scsi', 'virtio_net', 'nvme', 'ahci', 'ata_piix', 'xhci_pci'];
const STORAGE = ['usb_storage', 'uas', 'sd_mod', 'sr_mod', 'crc32c_generic', 'ext4', 'isofs', 'vfat', 'efivarfs'];
const MODULES = [...DRIVERS, ...STORAGE, 'nls_cp437', 'nls_ascii', 'nls_iso8859_1', 'button', 'evdev'];

const plain = (path: string) =>
  (path.split('/').at(-1) ?? '').replace(/\.ko(\.(xz|zst|gz))?$/, '').replaceAll('-', '_');

/** Paths of `wanted` and of all they depend on, from the text of modules.dep; built-in ones are simply not there. */
export function moduleClosure(modulesDep: string, wanted: readonly string[]): readonly string[] {
  const lines = modulesDep.split('\n').filter((line) => line.includes(':'));
  const chosen = lines.flatMap((line) => {
    const [path = '', rest = ''] = line.split(':');
    return wanted.includes(plain(path)) ? [path, ...rest.trim().split(/\s+/)] : [];
  });
  return [...new Set(chosen)].filter((path) => path !== '').sort();
}

export interface Kernel {
  readonly release: string;
  readonly image: Uint8Array;
  readonly modulesDir: string;
}

/** Finds the kernel in its unpacked package and makes the module index that the package leaves to installation. */
export async function kernelOf(pkg: DebianPackage, signal: AbortSignal): Promise<Kernel> {
  const lib = join(pkg.root, 'lib', 'modules');
  const [release] = await readdir(lib);
  if (release === undefined) throw ImageBuildFailed(`${pkg.name} holds no kernel modules`);
  const modulesDir = join(lib, release);
  const listing = await readdir(modulesDir);
  if (!listing.includes('modules.dep.bin')) await runCommand('depmod', ['-b', pkg.root, release], {}, signal);
  return { release, modulesDir, image: await readFile(join(pkg.root, 'boot', `vmlinuz-${release}`)) };
}

export interface InitrdParts {
  readonly kernel: Kernel;
  readonly busybox: Uint8Array;
  readonly init: string;
}

/** A gzip-compressed initramfs: busybox, the modules, and `init`. */
export async function buildInitrd(parts: InitrdParts): Promise<Uint8Array> {
  const { modulesDir, release } = parts.kernel;
  const dep = await readFile(join(modulesDir, 'modules.dep'), 'utf8');
  const paths = moduleClosure(dep, MODULES);
  const base = `lib/modules/${release}`;
  const modules = await Promise.all(
    paths.map(
      async (path): Promise<CpioEntry> => ({
        kind: 'file',
        path: `${base}/${path}`,
        data: await readFile(join(modulesDir, path)),
      }),
    ),
  );
  const lines = dep.split('\n').filter((line) => paths.includes(line.split(':')[0] ?? ''));
  const text = (path: string, content: string, executable = false): CpioEntry => ({
    kind: 'file',
    path,
    data: Buffer.from(content),
    executable,
  });
  return gzipSync(
    cpioArchive([
      text('init', parts.init, true),
      { kind: 'file', path: 'bin/busybox', data: parts.busybox, executable: true },
      { kind: 'char', path: 'dev/console', major: 5, minor: 1 },
      text('modules.list', `${MODULES.join('\n')}\n`),
      text(`${base}/modules.dep`, `${lines.join('\n')}\n`),
      ...modules,
    ]),
    { level: 6 },
  );
}
