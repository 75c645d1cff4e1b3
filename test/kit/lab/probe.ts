import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kernelPackageName, unpackedPackage } from '../../../lab/images/debian.ts';
import { guidBytes } from '../../../lab/images/gpt.ts';
import { buildInitrd, kernelOf } from '../../../lab/images/initrd.ts';
import type { Log } from '../../../src/core/index.ts';

export interface Probe {
  /** File names in `directory`. */
  readonly kernel: string;
  readonly initramfs: string;
}

/** Writes a kernel and the ramdisk of `probe.sh` into `directory`. */
export async function buildProbe(
  options: { readonly directory: string; readonly cache: string; readonly log: Log },
  signal: AbortSignal,
): Promise<Probe> {
  const kernel = await kernelOf(await unpackedPackage(await kernelPackageName(signal), options, signal), signal);
  const busyboxPackage = await unpackedPackage('busybox-static', options, signal);
  const busybox = await readFile(join(busyboxPackage.root, 'bin', 'busybox'));
  const init = await readFile(join(import.meta.dirname, 'probe.sh'), 'utf8');
  await mkdir(options.directory, { recursive: true });
  await writeFile(join(options.directory, 'probe.kernel'), kernel.image);
  await writeFile(join(options.directory, 'probe.initramfs'), await buildInitrd({ kernel, busybox, init }));
  return { kernel: 'probe.kernel', initramfs: 'probe.initramfs' };
}

/** A UEFI boot entry (hexadecimal) that starts `file` on the partition with this GUID (UEFI 2.10, 3.1.3 and 10.3.5.1). */
export function bootEntry(label: string, partitionGuid: string, file: string): string {
  const drive = Buffer.alloc(42);
  drive.set([0x04, 0x01, 42, 0]);
  drive.writeUInt32LE(2, 4);
  drive.set(guidBytes(partitionGuid), 24);
  drive.set([0x02, 0x02], 40);
  const name = Buffer.from(`${file}\0`, 'utf16le');
  const path = Buffer.concat([Buffer.from([0x04, 0x04, name.length + 4, 0]), name]);
  const devices = Buffer.concat([drive, path, Buffer.from([0x7f, 0xff, 0x04, 0x00])]);
  const head = Buffer.alloc(6);
  head.writeUInt32LE(1, 0);
  head.writeUInt16LE(devices.length, 4);
  return Buffer.concat([head, Buffer.from(`${label}\0`, 'utf16le'), devices]).toString('hex');
}
