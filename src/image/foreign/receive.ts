import type { BlockDevice, Slots } from '../../system/index.ts';
import { ImageDownloadFailed } from '../errors.ts';
import type { Staging } from './staging.ts';

interface Piece {
  readonly slot: Uint8Array;
  readonly length: number;
}

/** Where staged bytes go. */
export interface Store {
  readonly device: BlockDevice;
  readonly staging: Staging;
}

/** The part of a download that is needed here. */
interface Incoming {
  fill(into: Uint8Array): Promise<number>;
  readonly received: () => number;
}

const otherLength = ({ imageBytes }: Staging) =>
  ImageDownloadFailed(`the image has another length than the ${imageBytes} bytes announced`);

/** Receives an image whole, as it is, several pieces at a time. The rest of its last sector becomes zeros. */
export async function receiveInto(
  { device, staging }: Store,
  download: Incoming,
  slots: Slots,
  first: Piece,
  meter: (done: number) => void,
): Promise<void> {
  const writes = new Set<Promise<void>>();
  const put = (slot: Uint8Array, length: number, at: number) => {
    const padded = Math.min(staging.bytes - at, slots.slotBytes);
    slot.fill(0, length, padded);
    const write = device.write(slot.subarray(0, padded), staging.offset + at).then(
      () => slots.give(slot),
      (error: unknown) => slots.fail(error),
    );
    writes.add(write);
    void write.then(() => writes.delete(write));
  };
  let at = 0;
  try {
    for (let piece = first; piece.length > 0; ) {
      if (at + piece.length > staging.imageBytes) throw otherLength(staging);
      put(piece.slot, piece.length, at);
      at += piece.length;
      meter(download.received());
      if (piece.length < slots.slotBytes) break;
      const slot = await slots.take();
      piece = { slot, length: await download.fill(slot) };
    }
  } finally {
    await Promise.all(writes);
  }
  slots.give(await slots.take());
  if (at !== staging.imageBytes) throw otherLength(staging);
  await device.sync();
}
