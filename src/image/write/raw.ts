import { alignedMemory, type Slots } from '../../system/index.ts';
import type { Sink } from '../disk/index.ts';
import type { Meter } from './progress.ts';

/** The first piece of an image, in a slot of the pool, already received. */
export interface FirstPiece {
  readonly slot: Uint8Array;
  readonly length: number;
}

/** Where the content comes from, in order. */
interface Content {
  fill(into: Uint8Array): Promise<number>;
  /** Bytes that came over the wire for it. */
  readonly received: () => number;
}

/** Pours a raw image: each slot is filled by the network and written by the kernel, without a copy in between. */
export async function pourRaw(
  download: Content,
  slots: Slots,
  sink: Sink,
  first: FirstPiece,
  meter: Meter,
): Promise<number> {
  const zeros = alignedMemory(slots.slotBytes);
  let base = 0;
  for (let piece = first; piece.length > 0; ) {
    const { slot, length } = piece;
    const content = slot.subarray(0, length);
    if (Buffer.compare(content, zeros.subarray(0, length)) === 0) {
      sink.zero(base, length);
      slots.give(slot);
    } else sink.write(slot, [{ from: 0, to: length }], base);
    base += length;
    meter(download.received());
    if (length < slots.slotBytes) break;
    const next = await slots.take();
    piece = { slot: next, length: await download.fill(next) };
  }
  return base;
}
