import { KiB } from '../../core/index.ts';
import type { Slots } from '../../system/index.ts';
import type { Sink } from '../disk/index.ts';
import { parseQcow2Header, pourQcow2, type RangeReader, readGuestHead, readLayout } from '../qcow2/index.ts';
import { type Download, openRanges, type RangeSource } from '../source/index.ts';
import type { WriteJob } from './job.ts';
import { checkFits, checkSectorSize, inspectHead, SNIFF_BYTES } from './preflight.ts';
import type { Meter } from './progress.ts';
import { type FirstPiece, pourRaw } from './raw.ts';

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

/** Where GPT headers are, for both sector sizes. */
const TABLE_BYTES = 8 * KiB;

/** Ranges that have been received already come from memory, the others from the server. */
function tableReader(job: WriteJob, download: Download, head: Uint8Array, signal: AbortSignal) {
  let remote: RangeSource | null = null;
  const read: RangeReader = async (ranges, deliver) => {
    const local = ranges.filter(({ offset, length }) => offset + length <= head.length).length;
    for (const [index, { offset, length }] of ranges.slice(0, local).entries())
      deliver(head.subarray(offset, offset + length), index);
    if (local === ranges.length) return;
    remote ??= await openRanges(job.ports, job.plan, download.url(), signal);
    await remote.read(ranges.slice(local), (bytes, index) => deliver(bytes, index + local));
  };
  return { read, close: () => remote?.close() };
}

async function prepareQcow2(
  job: WriteJob,
  download: Download,
  slots: Slots,
  first: FirstPiece,
  signal: AbortSignal,
): Promise<PreparedImage> {
  const head = first.slot.subarray(0, first.length);
  const fileBytes = first.length < slots.slotBytes ? first.length : download.total();
  const header = parseQcow2Header(head.subarray(0, SNIFF_BYTES), fileBytes);
  if (header.dirty) job.ports.log.warn('image.qcow2.dirty', { image: job.plan.id });
  checkFits(header.virtualSize, job.target);
  const tables = tableReader(job, download, head, signal);
  try {
    const layout = await readLayout(header, { fileBytes }, tables.read);
    checkSectorSize(await readGuestHead(layout, TABLE_BYTES, tables.read), job.target);
    job.ports.log.info('image.qcow2.layout', { ...header, pieces: layout.map.count });
    return {
      format: 'qcow2',
      slots,
      wireTotal: download.total(),
      pour: (sink, meter) => {
        const { memory } = job;
        return pourQcow2(download, layout, { log: job.ports.log, slots, memory, sink }, first, meter);
      },
    };
  } finally {
    tables.close();
  }
}

/** Receives the first piece and checks everything that can be known before the first write (imaging 2.4, 10.3).
 * @throws InvalidImage, and download errors; nothing has been written then */
export async function prepareImage(
  job: WriteJob,
  download: Download,
  slots: Slots,
  signal: AbortSignal,
): Promise<PreparedImage> {
  const slot = await slots.take();
  const first = { slot, length: await download.fill(slot) };
  const head = slot.subarray(0, first.length);
  const decision = inspectHead(job.ports, job.plan, head);
  if (decision.decoder === 'qcow2') return prepareQcow2(job, download, slots, first, signal);
  const wireTotal = download.total();
  checkFits(Math.max(wireTotal ?? 0, first.length), job.target);
  checkSectorSize(head, job.target);
  const pour = (sink: Sink, meter: Meter) => pourRaw(download, slots, sink, first, meter);
  return { format: decision.name, slots, wireTotal, pour };
}
