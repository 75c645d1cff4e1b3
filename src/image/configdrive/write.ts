import { join } from 'node:path';
import { DeploymentFailed } from '../../core/index.ts';
import { alignedMemory, mcopyInto, mkfsVfat, openBlockDevice } from '../../system/index.ts';
import type { ImagePorts } from '../ports.ts';
import type { DriveContent } from './content.ts';
import { readFat } from './fat.ts';
import { readIso } from './iso9660.ts';

const ALIGN = 4096;

/** Writes the image past the page cache and reads it back: what a tenant boots with must be what was ordered. */
export async function writeAndVerify(device: string, bytes: Uint8Array): Promise<void> {
  const length = Math.ceil(bytes.length / ALIGN) * ALIGN;
  const memory = alignedMemory(2 * length);
  const written = memory.subarray(0, length);
  written.set(bytes);
  const disk = await openBlockDevice(device, { mode: 'write' });
  try {
    await disk.write(written, 0);
    await disk.sync();
    const back = memory.subarray(length, 2 * length);
    await disk.read(back, 0);
    if (Buffer.compare(back, written) !== 0)
      throw DeploymentFailed(`${device} returns other bytes than were written to it`, {
        hint: 'the disk is failing; check its SMART data',
      });
  } finally {
    await disk.close();
  }
}

/**
 * A disk with 4 KiB sectors can serve neither the blocks of 2 KiB of an ISO 9660 nor a FAT with smaller sectors: the files
 * move into a new FAT. Neither file system is mounted: what a tenant made is not given to the kernel of the ramdisk.
 */
export async function rebuildAsFat(
  { tools, files }: ImagePorts,
  device: string,
  { bytes: image, kind }: DriveContent,
  signal: AbortSignal,
): Promise<void> {
  const content = kind === 'fat' ? readFat(image) : readIso(image);
  const work = await files.makeTempDir('config-drive-');
  try {
    for (const { path, bytes } of content) await files.write(join(work, path), bytes, { mode: 0o600 });
    await tools.run(mkfsVfat, { device, label: 'CONFIG-2' }, signal);
    const top = [...new Set(content.map(({ path }) => path.split('/', 1)[0] ?? path))];
    if (top.length > 0) await tools.run(mcopyInto, { device, from: top.map((name) => join(work, name)) }, signal);
  } finally {
    await files.remove(work);
  }
}
