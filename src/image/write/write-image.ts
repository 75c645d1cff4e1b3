import { reasonOf, type Tell } from '../../core/index.ts';
import { sharedMemory } from '../../system/index.ts';
import { mbrSignature, rescan } from '../disk/index.ts';
import { ImageChecksumMismatch, ImageDownloadTimedOut } from '../errors.ts';
import { type ImagePlan, withoutQuery } from '../plan/index.ts';
import type { ImagePorts, ImageReport, TargetDisk } from '../ports.ts';
import { isImageChanged, type KnownDigest, resolveDigest } from '../source/index.ts';
import { attemptWrite, type WriteOutcome } from './attempt.ts';
import { SLOT_BYTES, SLOT_COUNT, type WriteJob } from './job.ts';

export interface WriteHooks {
  /** Runs once, after the pre-flight and right before the first byte: releases holders, wipes metadata, and says where
   * the image goes: a partition is there only from now on. */
  readonly beforeFirstWrite: (signal: AbortSignal) => Promise<TargetDisk>;
}

/** Ends with the caller's signal or when the whole download has lasted too long, which is final. */
export function deadline(ports: ImagePorts, plan: Pick<ImagePlan, 'id' | 'settings'>, outer: AbortSignal) {
  const { maxDurationMs } = plan.settings;
  const late = new AbortController();
  const done = new AbortController();
  if (maxDurationMs > 0)
    ports.clock.sleep(maxDurationMs, done.signal).then(
      () =>
        late.abort(
          ImageDownloadTimedOut(`Download of image ${plan.id} failed: not done after ${maxDurationMs / 1000} s`, {
            hint: 'raise image_download_max_duration or look for the bottleneck',
          }),
        ),
      () => undefined,
    );
  return { signal: AbortSignal.any([outer, late.signal]), end: () => done.abort() };
}

function mismatch(plan: ImagePlan, expected: KnownDigest, calculated: string) {
  const [url] = plan.urls;
  const where = url === undefined ? '' : withoutQuery(url);
  return ImageChecksumMismatch(
    `image ${plan.id} from ${where} has ${expected.algorithm} ${calculated}, expected was ${expected.digest}`,
    { hint: 'the image or its recorded checksum is wrong; the disk was left unbootable' },
  );
}

/** Repeats the whole download after a wrong digest or a change on the server, as long as it may help: the same wrong
 * digest twice means that the image is not the one ordered. */
async function withRetries(job: WriteJob, signal: AbortSignal): Promise<WriteOutcome> {
  const { retries, retryIntervalMs } = job.plan.settings;
  const seen = new Set<string>();
  for (let attempt = 0; ; attempt++) {
    try {
      return await attemptWrite(job, signal);
    } catch (error) {
      signal.throwIfAborted();
      const reason = reasonOf(error);
      const mayHelp = isImageChanged(error) || (ImageChecksumMismatch.is(error) && !seen.has(reason));
      if (!mayHelp || attempt >= retries) throw error;
      seen.add(reason);
      job.ports.log.warn('image.write.again', { image: job.plan.id, reason });
      await job.ports.clock.sleep(retryIntervalMs, signal);
    }
  }
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let begun: Promise<T> | null = null;
  return () => {
    begun ??= work();
    return begun;
  };
}

async function report(ports: ImagePorts, expected: KnownDigest, done: WriteOutcome, began: number) {
  const { path } = done.target;
  const result: ImageReport = {
    wireBytes: done.wireBytes,
    diskBytes: done.written,
    holeBytes: done.zeroed,
    durationMs: Math.round(ports.clock.monotonic() - began),
    algorithm: expected.algorithm,
    digest: done.digest,
    format: done.format,
    urlWithoutQuery: withoutQuery(done.url),
    virtualSize: done.virtualSize,
    mbrSignature: await mbrSignature(path),
  };
  ports.log.info('image.write.done', { disk: path, ...result });
  return result;
}

/** Writes an image to a disk or a partition in one pass (imaging 3, 10). Until the pre-flight has passed the disk is not
 * touched; until the digest is verified it cannot boot. @throws the errors of this room; the signal's reason when aborted */
export async function writeImage(
  ports: ImagePorts,
  plan: ImagePlan,
  target: TargetDisk,
  hooks: WriteHooks,
  tell: Tell,
  signal: AbortSignal,
): Promise<ImageReport> {
  const began = ports.clock.monotonic();
  const limit = deadline(ports, plan, signal);
  try {
    const expected = await resolveDigest(ports, plan, limit.signal);
    const done = await withRetries(
      {
        ...{ ports, plan, target, tell },
        algorithm: expected.algorithm,
        memory: sharedMemory(SLOT_COUNT * SLOT_BYTES),
        begin: once(() => hooks.beforeFirstWrite(signal)),
        verify: (digest) => {
          if (digest !== expected.digest) throw mismatch(plan, expected, digest);
        },
        received: limit.end,
      },
      limit.signal,
    );
    // Of a partition the kernel knows all there is to know.
    if (done.target.isPartition !== true) await rescan(ports, done.target.path, signal);
    return await report(ports, expected, done, began);
  } finally {
    limit.end();
  }
}
