import { join } from 'node:path';
import { getAsset, isSea } from 'node:sea';
import { Worker } from 'node:worker_threads';

/** Where a worker's source is: `load.worker.ts` beside the caller, or asset `load.worker.js` of the single executable. */
export interface WorkerSource {
  /** `load` */
  readonly name: string;
  /** `import.meta.dirname` of the caller. */
  readonly folder: string;
}

/** It holds little beside the memory that is shared with it. */
const resourceLimits = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 };

/** Starts a thread without the environment of the agent. @throws when it cannot start */
export function startWorker({ name, folder }: WorkerSource, workerData: unknown): Worker {
  const options = { workerData, env: {}, name, resourceLimits };
  if (isSea()) return new Worker(getAsset(`${name}.worker.js`, 'utf8'), { ...options, eval: true });
  return new Worker(join(folder, `${name}.worker.ts`), options);
}
