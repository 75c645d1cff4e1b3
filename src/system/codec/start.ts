import { join } from 'node:path';
import { getAsset, isSea } from 'node:sea';
import { Worker } from 'node:worker_threads';
import type { Codec } from './one-shot.ts';

/** What a decoder thread is started with. */
export interface DecoderSetup {
  readonly codec: Codec;
  /** Shared memory; batches name places in it. */
  readonly memories: readonly Uint8Array[];
  /** Size of every decoded piece. */
  readonly pieceBytes: number;
}

const NAME = 'decode.worker';
/** The thread holds a decoder and one batch. */
const resourceLimits = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 };

/** From the text inside the single executable, or from the source file beside this one. @throws when it cannot start */
export function startDecoderThread(setup: DecoderSetup): Worker {
  const options = { workerData: setup, env: {}, name: 'decode', resourceLimits };
  if (isSea()) return new Worker(getAsset(`${NAME}.js`, 'utf8'), { ...options, eval: true });
  return new Worker(join(import.meta.dirname, `${NAME}.ts`), options);
}
