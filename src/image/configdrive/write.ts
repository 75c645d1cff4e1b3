import { join } from 'node:path';
import { DeploymentFailed } from '../../core/index.ts';
import { alignedMemory, copyTree, mkfsVfat, mount, openBlockDevice, umount } from '../../system/index.ts';
import type { ImagePorts } from '../ports.ts';

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

/** ISO 9660 has blocks of 2 KiB, which a disk with 4 KiB sectors cannot serve: the files move into a FAT. */
export async function rebuildAsFat(
  { tools, files }: ImagePorts,
  device: string,
  iso: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const work = await files.makeTempDir('config-drive-');
  const [image, from, to] = [join(work, 'drive.iso'), join(work, 'from'), join(work, 'to')];
  try {
    await files.write(image, iso, { mode: 0o600 });
    await Promise.all([files.makeDir(from), files.makeDir(to)]);
    await tools.run(mkfsVfat, { device, label: 'CONFIG-2' }, signal);
    await tools.run(mount, { device: image, at: from, type: 'iso9660', options: 'loop,ro' }, signal);
    try {
      await tools.run(mount, { device, at: to, type: 'vfat', options: 'nodev,nosuid,noexec' }, signal);
      try {
        await tools.run(copyTree, { from, to }, signal);
      } finally {
        await tools.run(umount, { mountPoint: to });
      }
    } finally {
      await tools.run(umount, { mountPoint: from });
    }
  } finally {
    await files.remove(work);
  }
}
