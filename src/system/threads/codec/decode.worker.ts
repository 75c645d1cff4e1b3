/** A thread that decodes batches of pieces in shared memory, in the order of asking, until it is ended. */
import { parentPort, workerData } from 'node:worker_threads';
import { decodePieces, unpackPieces } from './batch.ts';
import { createOneShotDecoder } from './one-shot.ts';
import type { DecoderSetup } from './start.ts';

const { codec, memories, pieceBytes }: DecoderSetup = workerData;
const decoder = createOneShotDecoder(codec);

parentPort?.on('message', (packed: Float64Array) => {
  parentPort?.postMessage(decodePieces(decoder, unpackPieces(packed, memories, pieceBytes)));
});
parentPort?.postMessage('ready');
