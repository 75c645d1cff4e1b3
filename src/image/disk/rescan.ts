import { reasonOf } from '../../core/index.ts';
import { blockdevReread, kpartxUpdate, partxUpdate, udevadmSettle } from '../../system/index.ts';
import type { ImagePorts } from '../ports.ts';

/** A device-mapper device such as a multipath map, of which the kernel makes no partitions. */
export const isMapping = (device: string): boolean => /^\/dev\/(dm-\d|mapper\/)/.test(device);

/** Lets kernel and udev see the new partitions. What fails is logged, because later steps look for their partitions themselves. */
export async function rescan(
  ports: Pick<ImagePorts, 'tools' | 'log'>,
  device: string,
  signal: AbortSignal,
): Promise<void> {
  const { tools, log } = ports;
  const note = (what: string) => (error: unknown) => {
    signal.throwIfAborted();
    log.warn('image.rescan', { device, what, reason: reasonOf(error) });
  };
  await tools.run(udevadmSettle, undefined, signal).catch(note('settle'));
  if (isMapping(device)) await tools.run(kpartxUpdate, { device }, signal).catch(note('mappings'));
  else {
    await tools.run(blockdevReread, { device }, signal).catch(note('reread'));
    // Also when that worked: a kernel without a parser for this kind of table learns its partitions only this way.
    await tools.run(partxUpdate, { device }, signal).catch(note('partitions'));
  }
  await tools.run(udevadmSettle, undefined, signal).catch(note('settle'));
}
