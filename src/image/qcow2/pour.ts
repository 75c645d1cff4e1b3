import { KiB, type Log, MiB } from '../../core/index.ts';
import { createDecodeCrew, createSlots, type DecodeCrew, type Slots, sharedMemory } from '../../system/index.ts';
import type { Sink } from '../disk/index.ts';
import { InvalidImage } from '../errors.ts';
import type { Download } from '../source/index.ts';
import { type ClusterQueue, createClusterQueue } from './cluster-queue.ts';
import type { Qcow2Layout } from './layout.ts';
import { createQcow2Stream, type Qcow2Stream } from './stream.ts';
import { createWindows, type Windows } from './windows.ts';

/** Received at a time. */
const PIECE = 2 * MiB;
/** Pieces that are being received or decoded: enough that the network never waits for a decoder. */
const PIECES = 6;
const SECTOR = 512;
const PAGE = 64 * KiB;
/** With fewer compressed clusters than this, another thread would come too late. */
const WORTH_A_THREAD = 64;

/** What has been received of the file before the pre-flight. */
interface FirstPiece {
  readonly slot: Uint8Array;
  readonly length: number;
}

export interface PourPorts {
  readonly log: Log;
  readonly slots: Slots;
  /** All of the slots, shared between threads. */
  readonly memory: Uint8Array;
  readonly sink: Sink;
}

/** Everything that works together while an image is poured. */
interface Works {
  readonly crew: DecodeCrew;
  readonly queue: ClusterQueue;
  readonly windows: Windows;
  readonly stream: Qcow2Stream;
  /** Memory for received pieces; the front of each is for what the piece before did not use up. */
  readonly pieces: Slots;
  /** Size of that front. */
  readonly restBytes: number;
}

function setUp(layout: Qcow2Layout, { log, slots, memory, sink }: PourPorts): Works {
  const { header, map } = layout;
  const restBytes = 2 * header.clusterBytes + SECTOR;
  const pieceBytes = Math.ceil((restBytes + PIECE) / PAGE) * PAGE;
  const received = sharedMemory(PIECES * pieceBytes);
  const crew = createDecodeCrew({
    codec: header.compression,
    memories: [memory, received],
    pieceBytes: header.clusterBytes,
    onMissing: (reason) => log.warn('image.decode.thread-missing', { reason }),
    ...(map.compressed < WORTH_A_THREAD ? { threads: 0 } : {}),
  });
  const queue = createClusterQueue(header, crew);
  const making = { send: queue.send, during: <T>(goal: Promise<T>) => crew.during(goal) };
  const windows = createWindows(header, map, { slots, sink, making });
  const stream = createQcow2Stream(layout, windows, queue);
  return { crew, queue, windows, stream, pieces: createSlots(PIECES, pieceBytes, received), restBytes };
}

type Seen = (bytes: Uint8Array, offset: number) => void;

/** Feeds the file piece by piece; what a cluster still needs is put in front of the next piece. */
async function feedAll(download: Download, works: Works, first: FirstPiece, slots: Slots, seen: Seen): Promise<void> {
  const { crew, queue, stream, pieces, restBytes } = works;
  const rest = new Uint8Array(restBytes);
  const inUse = new Set<Promise<void>>();
  let bytes = first.slot.subarray(0, first.length);
  let isLast = first.length < slots.slotBytes;
  let fresh = 0;
  let start = 0;
  let free = () => slots.give(first.slot);
  for (;;) {
    seen(bytes.subarray(fresh), start + fresh);
    const needed = await stream.feed(bytes, start, isLast);
    const kept = start + bytes.length - needed;
    rest.set(bytes.subarray(bytes.length - kept));
    const done = queue.inputDone().then(free);
    inUse.add(done);
    void done.then(() => inUse.delete(done));
    if (isLast) break;
    const piece = await crew.during(pieces.take());
    free = () => pieces.give(piece);
    piece.set(rest.subarray(0, kept));
    const received = await crew.during(download.fill(piece.subarray(kept, kept + PIECE)));
    isLast = received < PIECE;
    bytes = piece.subarray(0, kept + received);
    [fresh, start] = [kept, needed];
  }
  await crew.during(Promise.all(inUse));
}

/** Reads the whole file once, in order: everything is hashed, tables are compared, clusters go to their places.
 * @returns the virtual size */
export async function pourQcow2(
  download: Download,
  layout: Qcow2Layout,
  ports: PourPorts,
  first: FirstPiece,
  meter: (done: number) => void,
): Promise<number> {
  const works = setUp(layout, ports);
  const seen = (bytes: Uint8Array, offset: number) => {
    for (const watch of layout.watches) watch.streamed(bytes, offset);
    meter(download.received());
  };
  works.windows.zeroEmpty();
  try {
    await feedAll(download, works, first, ports.slots, seen);
  } finally {
    await works.crew.close();
    ports.log.info('image.decode.batches', works.crew.counts());
  }
  works.windows.finish();
  if (!layout.watches.every((one) => one.matches()))
    throw InvalidImage('qcow2 image: the tables fetched first are not the ones in the image');
  return layout.header.virtualSize;
}
