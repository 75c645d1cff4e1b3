import type { Job } from './job.ts';

const MAX_FINISHED = 200;

export interface History {
  /** As it would be found after a restart; news that is not yet safe is not in it. */
  all(): readonly Job[];
  find(id: string): Job | undefined;
  /** Appends; a job that ended beside a running one goes before it, for conductors read the last entry only. */
  add(job: Job): Promise<void>;
  replace(job: Job): Promise<void>;
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
  return {
    all: () => shown,
    find: (id) => shown.find((job) => job.id === id),
    add: (job) => {
      const last = jobs.at(-1);
      return change(last !== undefined && isRunning(last) ? [...jobs.slice(0, -1), job, last] : [...jobs, job]);
    },
    replace: (job) => change(jobs.map((old) => (old.id === job.id ? job : old))),
  };
}
