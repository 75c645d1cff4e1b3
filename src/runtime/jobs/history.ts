import type { Job } from './job.ts';

const MAX_FINISHED = 200;

export interface History {
  /** As it would be found after a restart; news that is not yet safe is not in it. */
  all(): readonly Job[];
  find(id: string): Job | undefined;
  /**
   * Call when a job begins; what it returns adds the job. It goes to the end, but before the async jobs that ran beside it:
   * conductors read the last entry only, and wait as long as that is no step.
   */
  reserve(): (job: Job) => Promise<void>;
  /** Adds a job that begins, or begins and ends, now. */
  add(job: Job): Promise<void>;
  replace(job: Job): Promise<void>;
  /** Drops what an earlier run of the agent left; the number of jobs that were dropped. */
  forgetBefore(): Promise<number>;
}

export interface HistoryOptions {
  /** Of an earlier run of the agent, oldest first. */
  readonly before?: readonly Job[];
  /** Makes the list safe; calls resolve in their order, and none rejects. */
  readonly save?: (jobs: readonly Job[]) => Promise<void>;
  readonly maxFinished?: number;
}

const isRunning = (job: Job) => job.status === 'RUNNING';

function trimmed(jobs: readonly Job[], maxFinished: number): readonly Job[] {
  const finished = jobs.filter((job) => !isRunning(job));
  const gone = new Set(finished.slice(0, Math.max(0, finished.length - maxFinished)));
  return jobs.filter((job) => !gone.has(job));
}

/**
 * Keeps every running job and the newest finished ones, oldest first (protocol.md 7.5). What a conductor was told must
 * be there after a restart, so a change is shown only when it is safe.
 */
export function createHistory(options: HistoryOptions = {}): History {
  const { before = [], save = async () => undefined, maxFinished = MAX_FINISHED } = options;
  let jobs = trimmed(before, maxFinished);
  let shown = jobs;
  const change = async (next: readonly Job[]) => {
    const mine = trimmed(next, maxFinished);
    jobs = mine;
    await save(mine);
    shown = mine;
  };
  const reserve = () => {
    const ended = new Set(jobs.filter((job) => !isRunning(job)).map(({ id }) => id));
    return (job: Job) => {
      const beside = jobs.findIndex(({ id, kind }) => kind === 'async' && !ended.has(id));
      return change(jobs.toSpliced(beside < 0 ? jobs.length : beside, 0, job));
    };
  };
  return {
    all: () => shown,
    find: (id) => shown.find((job) => job.id === id),
    reserve,
    add: (job) => reserve()(job),
    replace: (job) => change(jobs.map((old) => (old.id === job.id ? job : old))),
    forgetBefore: async () => {
      const earlier = new Set(before.map(({ id }) => id));
      const kept = jobs.filter(({ id }) => !earlier.has(id));
      const dropped = jobs.length - kept.length;
      await change(kept);
      return dropped;
    },
  };
}
