import { MiB } from '../../core/index.ts';
import type { Slots } from '../../system/index.ts';
import type { Sink } from '../disk/index.ts';
import { InvalidImage } from '../errors.ts';
import type { Download } from '../source/index.ts';
import type { Qcow2Layout } from './layout.ts';
import { createQcow2Stream, type Qcow2Stream } from './stream.ts';
import { createWindows } from './windows.ts';

const PIECE = 2 * MiB;
const SECTOR = 512;

/** What has been received of the file before the pre-flight. */
interface FirstPiece {
  readonly slot: Uint8Array;
  readonly length: number;
}

/** Feeds the file piece by piece; what a cluster still needs is kept in front of the next piece. */
async function feedAll(
  download: Download,
  stream: Qcow2Stream,
  memory: Uint8Array,
  rest: { readonly start: number; readonly length: number },
  seen: (bytes: Uint8Array, offset: number) => void,
): Promise<void> {
  let { start, length: kept } = rest;
  for (let isLast = false; !isLast; ) {
    const received = await download.fill(memory.subarray(kept, kept + PIECE));
    isLast = received < PIECE;
    const bytes = memory.subarray(0, kept + received);
    seen(bytes.subarray(kept), start + kept);
    const needed = await stream.feed(bytes, start, isLast);
    memory.copyWithin(0, needed - start, bytes.length);
    kept = start + bytes.length - needed;
    start = needed;
  }
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
  const windows = createWindows(layout.header, layout.map, slots, sink);
  const stream = createQcow2Stream(layout, windows);
  const memory = new Uint8Array(2 * layout.header.clusterBytes + SECTOR + PIECE);
  const seen = (bytes: Uint8Array, offset: number) => {
    for (const watch of layout.watches) watch.streamed(bytes, offset);
    meter(download.received());
  };
  windows.zeroEmpty();
  try {
    const head = first.slot.subarray(0, first.length);
    const isLast = head.length < slots.slotBytes;
    seen(head, 0);
    const start = await stream.feed(head, 0, isLast);
    memory.set(head.subarray(start));
    slots.give(first.slot);
    if (!isLast) await feedAll(download, stream, memory, { start, length: head.length - start }, seen);
  } finally {
    stream.close();
  }
  windows.finish();
  if (!layout.watches.every((one) => one.matches()))
    throw InvalidImage('qcow2 image: the tables fetched first are not the ones in the image');
  return layout.header.virtualSize;
}
