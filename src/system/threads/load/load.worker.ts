/** A thread that says which one it is, waits for the word, works for a time and tells how much it did. */
import { readlinkSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { workFor } from './loops.ts';
import type { WorkMessage } from './work.ts';

const { work, times } = workerData;
const tell = (message: WorkMessage) => parentPort?.postMessage(message);
const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** `1234/task/1240` */
const self = () => Number(readlinkSync('/proc/thread-self').split('/').at(-1));

parentPort?.once('message', () => {
  try {
    tell(workFor(work, times));
  } catch (error) {
    tell({ fault: reasonOf(error) });
  }
});
tell({ thread: self() });
