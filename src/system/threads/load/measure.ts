import { setTimeout } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { reasonOf } from '../../../core/index.ts';
import { startWorker } from '../worker.ts';
import type { Work, WorkDone, WorkMessage, WorkTimes } from './work.ts';

/** More than a thread needs that is only working. */
const END_MS = 2_000;

interface Hired {
  readonly worker: Worker;
  /** Its number in the kernel, once it waits for the word. */
  readonly thread: Promise<number>;
  readonly result: Promise<WorkDone>;
}

function hire(work: Work, times: WorkTimes): Hired {
  const worker = startWorker({ name: 'load', folder: import.meta.dirname }, { work, times });
  const thread = Promise.withResolvers<number>();
  const result = Promise.withResolvers<WorkDone>();
  const fail = (reason: string) => {
    thread.reject(new Error(reason));
    result.reject(new Error(reason));
  };
  // A thread that is left behind may fail when nobody listens any more.
  for (const { promise } of [thread, result]) promise.catch(() => undefined);
  worker.on('message', (message: WorkMessage) => {
    if ('thread' in message) thread.resolve(message.thread);
    else if ('fault' in message) fail(message.fault);
    else result.resolve(message);
  });
  worker.on('error', (error) => fail(reasonOf(error)));
  worker.on('exit', (code) => fail(`a thread of the measurement ended with code ${code}`));
  return { worker, thread: thread.promise, result: result.promise };
}

async function together(hired: readonly Hired[], place: Place): Promise<readonly WorkDone[]> {
  const threads = await Promise.all(hired.map(({ thread }) => thread));
  await Promise.all(threads.map(place));
  for (const { worker } of hired) worker.postMessage('go');
  return Promise.all(hired.map(({ result }) => result));
}

/** Ends the threads. One that waits for a device that never answers is left behind, and does not keep the agent alive. */
async function endAll(hired: readonly Hired[]): Promise<void> {
  const patience = new AbortController();
  const late = setTimeout(END_MS, undefined, patience).then(
    () => {
      for (const { worker } of hired) worker.unref();
    },
    () => undefined,
  );
  await Promise.race([late, Promise.allSettled(hired.map(({ worker }) => worker.terminate()))]);
  patience.abort();
}

/** Told the kernel's number of each thread before any works, for example to bind it to a processor. */
export type Place = (thread: number) => Promise<void>;

/**
 * Does each work on a thread of its own, all at the same time; results in the order of the works. The event loop stays
 * free, and an abort ends the measurement within two seconds.
 * @throws Error when a thread cannot start, fails or dies; the signal's reason
 */
export async function measureLoad(
  works: readonly Work[],
  times: WorkTimes,
  place: Place,
  signal: AbortSignal,
): Promise<readonly WorkDone[]> {
  signal.throwIfAborted();
  const hired: Hired[] = [];
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    for (const work of works) hired.push(hire(work, times));
    return await Promise.race([together(hired, place), stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
    await endAll(hired);
  }
}
