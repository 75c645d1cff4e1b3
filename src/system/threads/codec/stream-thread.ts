import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { reasonOf } from '../../../core/index.ts';
import { startWorker } from '../worker.ts';
import { DecoderLost } from './errors.ts';
import { createStreamDecoder, type StreamCodec, type StreamStep } from './stream.ts';

/** Main to thread. */
export interface StepOrder {
  readonly input: Uint8Array;
  readonly output: Uint8Array;
  readonly isLast: boolean;
}

/** A stream decoder on a thread of its own, where there is a core for it. */
export interface StreamThread {
  /** As `StreamDecoder.step`, one at a time; `output` and, for speed, `input` lie in shared memory. @throws DecoderLost */
  step(input: Uint8Array, output: Uint8Array, isLast: boolean): Promise<StreamStep>;
  /** When it resolves, nothing touches the memory any more. */
  close(): Promise<void>;
}

export interface StreamThreadOptions {
  /** Told when the thread cannot be started, which only costs time. */
  readonly onMissing?: (reason: string) => void;
  /** Null: decode on the calling thread. */
  readonly start?: ((codec: StreamCodec) => Worker) | null;
}

function onThisThread(codec: StreamCodec): StreamThread {
  const decoder = createStreamDecoder(codec);
  return {
    step: async (input, output, isLast) => decoder.step(input, output, isLast),
    close: async () => decoder.close(),
  };
}

function onThread(worker: Worker): StreamThread {
  let waiting: PromiseWithResolvers<StreamStep> | null = null;
  let lost: string | null = null;
  const lose = (reason: string) => {
    lost ??= reason;
    waiting?.reject(DecoderLost(`a thread that decodes the image ended: ${lost}`));
  };
  worker.on('message', (step: StreamStep) => waiting?.resolve(step));
  worker.on('error', (error) => lose(reasonOf(error)));
  worker.on('exit', (code) => lose(`it exited with code ${code}`));
  return {
    step(input, output, isLast) {
      waiting = Promise.withResolvers();
      if (lost === null) worker.postMessage({ input, output, isLast } satisfies StepOrder);
      else lose(lost);
      return waiting.promise;
    },
    close: async () => void (await worker.terminate()),
  };
}

/** @throws when it says anything but that it is ready */
async function untilReady(worker: Worker): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const exit = (code: number) => reject(new Error(`it exited with code ${code}`));
  worker.once('message', resolve).once('error', reject).once('exit', exit);
  await promise.finally(() => {
    worker.removeListener('message', resolve).removeListener('error', reject).removeListener('exit', exit);
  });
}

const startStreamThread = (codec: StreamCodec): Worker =>
  startWorker({ name: 'stream', folder: import.meta.dirname }, { codec });

/** On one core, and where a thread cannot be started, the calling thread decodes. */
export async function createStreamThread(
  codec: StreamCodec,
  { onMissing, start = availableParallelism() > 1 ? startStreamThread : null }: StreamThreadOptions = {},
): Promise<StreamThread> {
  if (start === null) return onThisThread(codec);
  try {
    const worker = start(codec);
    await untilReady(worker);
    return onThread(worker);
  } catch (error) {
    onMissing?.(reasonOf(error));
    return onThisThread(codec);
  }
}
