import { reasonOf } from '../../core/index.ts';
import { blockdevReread, partxUpdate, udevadmSettle } from '../../system/index.ts';
import type { ImagePorts } from '../ports.ts';

/** Lets kernel and udev see the new partitions. A device that cannot be read anew as a whole is updated piecewise;
 * what fails is logged, because later steps look for their partitions themselves. */
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
  await tools.run(udevadmSettle, {}, signal).catch(note('settle'));
  await tools
    .run(blockdevReread, { device }, signal)
    .catch(() => tools.run(partxUpdate, { device }, signal))
    .catch(note('reread'));
  await tools.run(udevadmSettle, {}, signal).catch(note('settle'));
}
