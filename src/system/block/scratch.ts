import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { type BlockDevice, deviceOn } from './device.ts';

/** Where scratch files are: memory, in a ramdisk. */
export const SCRATCH_DIR = '/tmp';

/**
 * A file without a name, which the kernel drops as soon as nobody has it open, even if this process is killed. Its
 * `path` serves other programs as long as this process lives. @throws what the file system says
 */
export async function openScratch(dir = SCRATCH_DIR): Promise<BlockDevice> {
  const name = join(dir, `.ironic-node-agent-${randomUUID()}`);
  const handle = await open(name, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
  await rm(name);
  return deviceOn(`/proc/${process.pid}/fd/${handle.fd}`, handle, false);
}

/** Bytes that a file in `dir` can grow to. */
export async function scratchSpace(dir = SCRATCH_DIR): Promise<number> {
  const { bavail, bsize } = await statfs(dir);
  return bavail * bsize;
}
