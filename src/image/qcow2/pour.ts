import { MiB } from '../../core/index.ts';
import type { Slots } from '../../system/index.ts';
import type { Sink } from '../disk/index.ts';
import { InvalidImage } from '../errors.ts';
import type { Download } from '../source/index.ts';
import type { Qcow2Layout } from './layout.ts';
import { createQcow2Stream } from './stream.ts';
import { createWindows } from './windows.ts';

const PIECE = 2 * MiB;
const SECTOR = 512;

/** What has been received of the file before the pre-flight. */
interface FirstPiece {
  readonly slot: Uint8Array;
  readonly length: number;
}

/** Reads the whole file once, in order: everything is hashed, tables are compared, clusters go to their places.
 * @returns the virtual size */
export async function pourQcow2(
  download: Download,
  layout: Qcow2Layout,
  { slots, sink }: { readonly slots: Slots; readonly sink: Sink },
  first: FirstPiece,
  meter: (done: number) => void,
): Promise<number> {
  const { clusterBytes, virtualSize } = layout.header;
  const windows = createWindows(layout.header, layout.map, slots, sink);
  const stream = createQcow2Stream(layout, windows);
  const memory = new Uint8Array(2 * clusterBytes + SECTOR + PIECE);
  const watch = (bytes: Uint8Array, offset: number) => {
    for (const one of layout.watches) one.streamed(bytes, offset);
  };
  windows.zeroEmpty();
  const head = first.slot.subarray(0, first.length);
  watch(head, 0);
  let isLast = head.length < slots.slotBytes;
  let start = await stream.feed(head, 0, isLast);
  let kept = memory.subarray(0, head.length - start);
  kept.set(head.subarray(start));
  slots.give(first.slot);
  while (!isLast) {
    const received = await download.fill(memory.subarray(kept.length, kept.length + PIECE));
    isLast = received < PIECE;
    const bytes = memory.subarray(0, kept.length + received);
    watch(bytes.subarray(kept.length), start + kept.length);
    const needed = await stream.feed(bytes, start, isLast);
    memory.copyWithin(0, needed - start, bytes.length);
    kept = memory.subarray(0, start + bytes.length - needed);
    start = needed;
    meter(download.received());
  }
  windows.finish();
  if (!layout.watches.every((one) => one.matches()))
    throw InvalidImage('qcow2 image: the tables fetched first are not the ones in the image');
  return virtualSize;
}
