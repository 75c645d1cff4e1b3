import type { Worker } from 'node:worker_threads';
import { startWorker } from '../worker.ts';
import type { Codec } from './one-shot.ts';

/** What a decoder thread is started with. */
export interface DecoderSetup {
  readonly codec: Codec;
  /** Shared memory; batches name places in it. */
  readonly memories: readonly Uint8Array[];
  /** Size of every decoded piece. */
  readonly pieceBytes: number;
}

/** @throws when it cannot start */
export const startDecoderThread = (setup: DecoderSetup): Worker =>
  startWorker({ name: 'decode', folder: import.meta.dirname }, setup);
