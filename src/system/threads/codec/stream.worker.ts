/** A thread that decodes one stream in steps, as it is asked to; input and output lie in shared memory. */
import { parentPort, workerData } from 'node:worker_threads';
import { createStreamDecoder } from './stream.ts';
import type { StepOrder } from './stream-thread.ts';

const decoder = createStreamDecoder(workerData.codec);

parentPort?.on('message', ({ input, output, isLast }: StepOrder) => {
  parentPort?.postMessage(decoder.step(input, output, isLast));
});
parentPort?.postMessage('ready');
