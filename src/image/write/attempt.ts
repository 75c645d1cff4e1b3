import { reasonOf } from '../../core/index.ts';
import {
  type BlockDevice,
  BlockIoFailed,
  createSlots,
  DeviceBusy,
  type Files,
  openBlockDevice,
} from '../../system/index.ts';
import { blankEnds, createHoles, createSink, holdersOf, publishEnds, type Sink, withheldEnds } from '../disk/index.ts';
import { ImageWriteFailed } from '../errors.ts';
import { type Download, openDownload } from '../source/index.ts';
import { SLOT_BYTES, SLOT_COUNT, type WriteJob } from './job.ts';
import { prepareImage } from './prepare.ts';
import type { PreparedImage } from './prepared.ts';
import { createMeter } from './progress.ts';

const BUSY_TRIES = 4;
const BUSY_PAUSE_MS = 1000;

export interface WriteOutcome {
  readonly format: string;
  readonly virtualSize: number;
  readonly wireBytes: number;
  readonly written: number;
  readonly zeroed: number;
  readonly digest: string;
  readonly url: URL;
}

/** Something may still look at the disk right after the wipe; who stays is named. */
async function openTarget({ ports, target }: WriteJob, signal: AbortSignal): Promise<BlockDevice> {
  for (let left = BUSY_TRIES; ; left--) {
    try {
      return await openBlockDevice(target.path, { mode: 'write' });
    } catch (error) {
      if (!DeviceBusy.is(error)) throw error;
      if (left > 1) await ports.clock.sleep(BUSY_PAUSE_MS, signal);
      else throw ImageWriteFailed(await busyText(ports.files, target.path, error.details), { cause: error });
    }
  }
}

async function busyText(files: Files, path: string, details: string): Promise<string> {
  const holders = await holdersOf(files, path);
  return holders.length === 0 ? details : `${details}: ${holders.join(', ')}`;
}

/** Pours the image and waits for the disk; stops what runs beside it when something fails. */
async function pour(job: WriteJob, image: PreparedImage, device: BlockDevice, signal: AbortSignal) {
  const { ports, target } = job;
  const withheld = withheldEnds(target);
  const stop = new AbortController();
  const limited = AbortSignal.any([signal, stop.signal]);
  const holes = createHoles({ ...ports, device }, limited, (error) => image.slots.fail(error));
  const sink: Sink = createSink({ target, device, slots: image.slots, withheld, holes });
  await blankEnds(device, withheld);
  try {
    const meter = createMeter(ports, job.tell, { phase: 'image.write', on: target.path, total: image.wireTotal });
    const poured = await image.pour({ target, device, sink, withheld, meter, signal: limited });
    await sink.finish();
    return { ...poured, withheld };
  } catch (error) {
    stop.abort(error);
    await sink.quiet();
    throw error;
  }
}

async function writeAndPublish(job: WriteJob, image: PreparedImage, download: Download, signal: AbortSignal) {
  const device = await openTarget(job, signal);
  try {
    const { withheld, ...sizes } = await pour(job, image, device, signal);
    const digest = download.digest();
    job.verify(digest);
    await publishEnds(job.ports.log, device, job.target, withheld);
    return { format: image.format, url: download.url(), digest, wireBytes: download.received(), ...sizes };
  } finally {
    await device.close();
  }
}

/** One pass over the image: pre-flight, clear the disk, pour, verify, publish. Before `begin` nothing is written; if
 * it fails later, both ends of the disk stay blank. */
export async function attemptWrite(job: WriteJob, signal: AbortSignal): Promise<WriteOutcome> {
  const download = await openDownload(job.ports, job.plan, job.algorithm, signal);
  try {
    const slots = createSlots(SLOT_COUNT, SLOT_BYTES, job.memory);
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
