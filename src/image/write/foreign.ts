import { type BlockDevice, openScratch, type Slots, scratchSpace } from '../../system/index.ts';
import { readAt, tailStartOf } from '../disk/index.ts';
import {
  convertBody,
  type Examined,
  examine,
  findStretches,
  inspectForeign,
  planStaging,
  readPart,
  receiveInto,
  requireConverter,
  type Staging,
  type StagingRoom,
} from '../foreign/index.ts';
import type { ForeignFormat } from '../format/index.ts';
import type { TargetDisk } from '../ports.ts';
import type { Download } from '../source/index.ts';
import type { WriteJob } from './job.ts';
import { checkFits, checkSectorSize, TABLE_BYTES } from './preflight.ts';
import type { Place, Poured, PreparedImage } from './prepared.ts';
import { createMeter } from './progress.ts';
import type { FirstPiece } from './raw.ts';
import { tableReader } from './tables.ts';

interface Arrival {
  readonly slots: Slots;
  readonly first: FirstPiece;
  readonly format: ForeignFormat;
}

/** Everything about an image between its pre-flight and its conversion. */
interface Staged extends Arrival {
  readonly job: WriteJob;
  readonly download: Download;
  readonly staging: Staging;
  /** The most that the disk inside can have. */
  readonly limit: number;
}

async function inspected(job: WriteJob, download: Download, arrival: Arrival, signal: AbortSignal) {
  const { slots, first, format } = arrival;
  const head = first.slot.subarray(0, first.length);
  const fileBytes = first.length < slots.slotBytes ? first.length : download.total();
  const tables = tableReader(job, download, head, signal);
  const read = async (offset: number, length: number) => {
    const there = Math.min(length, (fileBytes ?? Number.MAX_SAFE_INTEGER) - offset);
    let found: Uint8Array = new Uint8Array(0);
    if (there > 0)
      await tables.read([{ offset, length: there }], (bytes) => {
        found = new Uint8Array(bytes);
      });
    return found;
  };
  try {
    const { virtualSize } = await inspectForeign(format, read, fileBytes ?? Number.MAX_SAFE_INTEGER);
    return { fileBytes, virtualSize };
  } finally {
    tables.close();
  }
}

const onDisk = (target: TargetDisk): StagingRoom => ({
  disk: target.path,
  diskBytes: target.size,
  tailStart: tailStartOf(target),
  freeMemory: 0,
  scratchBytes: 0,
});

async function anywhere({ ports, target }: WriteJob): Promise<StagingRoom> {
  const memory = /^MemAvailable:\s+(\d+) kB$/m.exec((await ports.files.textOrNull('/proc/meminfo')) ?? '');
  return {
    ...onDisk(target),
    freeMemory: Number(memory?.[1] ?? 0) * 1024,
    scratchBytes: await scratchSpace(),
  };
}

/** Receives the image into its stage and sees that it is the one that was ordered before any other program reads it. */
async function receive(staged: Staged, device: BlockDevice, signal: AbortSignal): Promise<Examined> {
  const { job, download, staging, slots, first, format, limit } = staged;
  const { ports, plan, target } = job;
  const meter = createMeter(ports, job.tell, { phase: 'image.stage', on: target.path, total: staging.imageBytes });
  await receiveInto({ device, staging }, download, slots, first, meter);
  job.verify(download.digest());
  job.received();
  download.close();
  const read = (offset: number, length: number) => {
    const there = Math.max(0, Math.min(length, staging.imageBytes - offset));
    return readAt(device, target.logicalSectorBytes, staging.offset + offset, there);
  };
  await inspectForeign(format, read, staging.imageBytes);
  const found = await examine(ports, plan.settings.convert, { device, staging, format, limit }, signal);
  checkSectorSize(found.head.subarray(0, TABLE_BYTES), target);
  ports.log.info('image.examined', { image: plan.id, format, virtualSize: found.virtualSize });
  return found;
}

/** Ends to memory, the rest to its place; then the stage is made empty. */
async function convert(staged: Staged, image: Examined, place: Place): Promise<Poured> {
  const { ports, plan, tell } = staged.job;
  const { target, withheld, sink, signal } = place;
  const { convert: rules } = plan.settings;
  const { virtualSize } = image;
  const meter = createMeter(ports, tell, { phase: 'image.convert', on: target.path, total: virtualSize });
  const to = Math.min(withheld.tail.start, virtualSize);
  withheld.keep(image.head, 0);
  const tail = { image: image.image, from: to, length: virtualSize - to };
  withheld.keep(await readPart(ports, rules, tail, signal), to);
  for (const stretch of await findStretches(ports, image, image.head.length, to, signal)) {
    const { kind, from } = stretch;
    if (kind === 'hole') sink.zero(from, stretch.to - from);
    else await convertBody(ports, rules, image, { disk: target.path, from, to: stretch.to, meter }, signal);
  }
  const zeroed = sink.zeroed();
  if (staged.staging.kind === 'disk') sink.zero(staged.staging.offset, staged.staging.bytes);
  meter(virtualSize);
  return { virtualSize, written: virtualSize - zeroed, zeroed };
}

/** An image that only qemu-img reads (imaging 10.1): it is staged, verified, examined, converted. Staged in memory, all
 * but the last happens before the disk is touched. @throws InvalidImage */
export async function prepareForeign(
  job: WriteJob,
  download: Download,
  arrival: Arrival,
  signal: AbortSignal,
): Promise<PreparedImage> {
  const { format, slots } = arrival;
  const { ports, plan, target } = job;
  await requireConverter(ports, format, signal);
  const { fileBytes, virtualSize } = await inspected(job, download, arrival, signal);
  checkFits(virtualSize, target);
  const need = { id: plan.id, format, imageBytes: fileBytes, virtualSize };
  const staging = planStaging(need, await anywhere(job));
  ports.log.info('image.staging', { image: plan.id, format, virtualSize, ...staging });
  const staged: Staged = { ...arrival, job, download, staging, limit: virtualSize };
  const facts = { format, slots, wireTotal: staging.imageBytes };
  if (staging.kind === 'disk')
    return {
      ...facts,
      pour: async (place) => {
        const { target, device } = place;
        const there = { ...staged, job: { ...job, target }, staging: planStaging(need, onDisk(target)) };
        return convert(there, await receive(there, device, place.signal), place);
      },
      close: () => Promise.resolve(),
    };
  const scratch = await openScratch();
  try {
    const image = await receive(staged, scratch, signal);
    return { ...facts, pour: (place) => convert(staged, image, place), close: () => scratch.close() };
  } catch (error) {
    await scratch.close();
    throw error;
  }
}
