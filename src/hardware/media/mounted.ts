import { basename } from 'node:path';
import { reasonOf } from '../../core/index.ts';
import { umount, withMounted } from '../../system/index.ts';
import { parseMountInfo } from '../disks/index.ts';
import type { HardwarePorts } from '../ports.ts';
import type { Medium } from './choose.ts';

const PAUSE_MS = 1_000;
/** Where image services mount the config drive. */
const CONFIG_MOUNT = '/mnt/config';
const CONFIG_ATTEMPTS = 10;

const mounts = async ({ files }: Pick<HardwarePorts, 'files'>) =>
  parseMountInfo((await files.textOrNull('/proc/self/mountinfo')) ?? '');

async function mountPointOf(ports: HardwarePorts, device: string): Promise<string | null> {
  const numbers = await ports.files.textOrNull(`/sys/class/block/${basename(device)}/dev`);
  return (await mounts(ports)).find(({ majMin }) => majMin === numbers)?.point ?? null;
}

/** Gives `work` the root of the medium's file system: where it is mounted already, or a read-only mount for the time of `work`. */
export async function withMedium<T>(
  ports: HardwarePorts,
  { device, fsType }: Medium,
  work: (root: string) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const present = await mountPointOf(ports, device);
  if (present !== null) return work(present);
  return withMounted(ports, { device, type: fsType, access: 'read' }, work, signal);
}

/**
 * Start-up step 3 of protocol.md 1.1: an image service may have left the config drive of an older system mounted, and a
 * mounted disk can be neither erased nor written. Never fails.
 */
export async function releaseConfigMount(ports: HardwarePorts, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; attempt <= CONFIG_ATTEMPTS; attempt += 1) {
    if (!(await mounts(ports)).some(({ point }) => point === CONFIG_MOUNT)) return;
    try {
      await ports.tools.run(umount, { mountPoint: CONFIG_MOUNT }, signal);
      ports.log.info('media.config.released', { at: CONFIG_MOUNT });
    } catch (error) {
      signal.throwIfAborted();
      ports.log.warn('media.config.busy', { at: CONFIG_MOUNT, attempt, reason: reasonOf(error) });
      await ports.clock.sleep(PAUSE_MS, signal);
    }
  }
  ports.log.error('media.config.kept', { at: CONFIG_MOUNT, effect: 'the disk below it cannot be erased or written' });
}
