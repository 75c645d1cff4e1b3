import { reasonOf } from '../../core/index.ts';
import { type BlockDevice, BlockIoFailed, createSlots } from '../../system/index.ts';
import {
  blankEnds,
  createHoles,
  createSink,
  openForWriting,
  publishEnds,
  type Sink,
  withheldEnds,
} from '../disk/index.ts';
import { ImageWriteFailed } from '../errors.ts';
import type { TargetDisk } from '../ports.ts';
import { type Download, openDownload } from '../source/index.ts';
import { SLOT_BYTES, SLOT_COUNT, type WriteJob } from './job.ts';
import { prepareImage } from './prepare.ts';
import type { PreparedImage } from './prepared.ts';
import { createMeter } from './progress.ts';

export interface WriteOutcome {
  /** Where the image is. */
  readonly target: TargetDisk;
  readonly format: string;
  readonly virtualSize: number;
  readonly wireBytes: number;
  readonly written: number;
  readonly zeroed: number;
  readonly digest: string;
  readonly url: URL;
}

/** Pours the image and waits for the disk; stops what runs beside it when something fails. */
async function pour(job: WriteJob, image: PreparedImage, device: BlockDevice, signal: AbortSignal) {
  const { ports, target } = job;
  const withheld = withheldEnds(target);
  const stop = new AbortController();
  const { failed } = image.slots;
  const limited = AbortSignal.any([signal, failed, stop.signal]);
  const holes = createHoles({ ...ports, device }, limited, (error) => image.slots.fail(error));
  const sink: Sink = createSink({ target, device, slots: image.slots, withheld, holes });
  await blankEnds(device, withheld);
  try {
    const meter = createMeter(ports, job.tell, { phase: 'image.write', on: target.path, total: image.wireTotal });
    const poured = await image.pour({ target, device, sink, withheld, meter, signal: limited });
    await sink.finish();
    return { ...poured, withheld };
  } catch (error) {
    // What a failed write has ended tells of it in its own words.
    const first = failed.aborted ? failed.reason : error;
    stop.abort(first);
    await sink.quiet();
    throw first;
  }
}

async function writeAndPublish(job: WriteJob, image: PreparedImage, download: Download, signal: AbortSignal) {
  const device = await openForWriting(job.ports, job.target.path, signal);
  try {
    const { withheld, ...sizes } = await pour(job, image, device, signal);
    const digest = download.digest();
    job.verify(digest);
    await publishEnds(job.ports.log, device, job.target, withheld);
    const wireBytes = download.received();
    return { target: job.target, format: image.format, url: download.url(), digest, wireBytes, ...sizes };
  } finally {
    await device.close();
  }
}

/** One pass over the image: pre-flight, clear the disk, pour, verify, publish. Before `begin` nothing is written; if
 * it fails later, both ends of the disk stay blank. */
export async function attemptWrite(job: WriteJob, signal: AbortSignal): Promise<WriteOutcome> {
  const slots = createSlots(SLOT_COUNT, SLOT_BYTES, job.memory);
  // A disk that fails is not told of only when a slow server has sent its next bytes.
  const whileWritten = AbortSignal.any([signal, slots.failed]);
  const download = await openDownload(job.ports, job.plan, job.algorithm, whileWritten);
  try {
    const image = await prepareImage(job, download, slots, signal);
    try {
      const target = await job.begin();
      return await writeAndPublish({ ...job, target }, image, download, signal);
    } finally {
      await image.close();
    }
  } catch (error) {
    if (BlockIoFailed.is(error)) throw ImageWriteFailed(reasonOf(error), { cause: error });
    throw error;
  } finally {
    download.close();
  }
}
