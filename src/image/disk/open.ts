import { type BlockDevice, DeviceBusy, type Files, openBlockDevice } from '../../system/index.ts';
import { ImageWriteFailed } from '../errors.ts';
import type { ImagePorts } from '../ports.ts';
import { holdersOf } from './holders.ts';

const BUSY_TRIES = 4;
const BUSY_PAUSE_MS = 1000;

async function busyText(files: Files, path: string, details: string): Promise<string> {
  const holders = await holdersOf(files, path);
  return holders.length === 0 ? details : `${details}: ${holders.join(', ')}`;
}

/** Opens a disk or partition that is ours alone. Something may still look at it right after a wipe; who stays is named.
 * @throws ImageWriteError, BlockIoFailed */
export async function openForWriting(
  { files, clock }: Pick<ImagePorts, 'files' | 'clock'>,
  path: string,
  signal: AbortSignal,
): Promise<BlockDevice> {
  for (let left = BUSY_TRIES; ; left--) {
    try {
      return await openBlockDevice(path, { mode: 'write' });
    } catch (error) {
      if (!DeviceBusy.is(error)) throw error;
      if (left > 1) await clock.sleep(BUSY_PAUSE_MS, signal);
      else throw ImageWriteFailed(await busyText(files, path, error.details), { cause: error });
    }
  }
}
