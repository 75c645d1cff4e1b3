import type { Slots } from '../../system/index.ts';
import type { Sink } from '../disk/index.ts';
import type { Download } from '../source/index.ts';
import type { WriteJob } from './job.ts';
import { checkFits, checkSectorSize, inspectHead } from './preflight.ts';
import type { Meter } from './progress.ts';
import { pourRaw } from './raw.ts';

/** An image that has passed the pre-flight: what is left is to pour it. */
export interface PreparedImage {
  /** As reported: `raw`, `gpt`, `iso`, `qcow2`. */
  readonly format: string;
  readonly slots: Slots;
  /** Bytes to come over the wire; null when unknown. */
  readonly wireTotal: number | null;
  /** Returns the size of the disk content. */
  readonly pour: (sink: Sink, meter: Meter) => Promise<number>;
}

/** Receives the first piece and checks everything that can be known from it (imaging 2.4, 3 "do better").
 * @throws InvalidImage, and download errors; nothing has been written then */
export async function prepareImage(
  { ports, plan, target }: WriteJob,
  download: Download,
  slots: Slots,
  _signal: AbortSignal,
): Promise<PreparedImage> {
  const slot = await slots.take();
  const first = { slot, length: await download.fill(slot) };
  const head = slot.subarray(0, first.length);
  const decision = inspectHead(ports, plan, head);
  const wireTotal = download.total();
  checkFits(Math.max(wireTotal ?? 0, first.length), target);
  checkSectorSize(head, target);
  return {
    format: decision.name,
    slots,
    wireTotal,
    pour: (sink, meter) => pourRaw(download, slots, sink, first, meter),
  };
}
