import { AgentIsBusy } from '../../core/index.ts';
import { bareName, type Job } from './job.ts';

export interface Running {
  readonly job: Job;
  readonly abort: AbortController;
  /** Never rejects. */
  readonly ended: Promise<Job>;
}

/** Room for the one async command that may run. */
export interface Slot {
  current(): Running | null;
  occupy(running: Running): void;
  release(): void;
  /** @throws AgentIsBusy */
  assertFree(): void;
}

export function createSlot(): Slot {
  let running: Running | null = null;
  return {
    current: () => running,
    occupy: (next) => {
      running = next;
    },
    release: () => {
      running = null;
    },
    assertFree: () => {
      if (running !== null) throw AgentIsBusy(`executing command ${bareName(running.job.name)}`);
    },
  };
}
