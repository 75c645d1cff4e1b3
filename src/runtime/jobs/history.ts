import type { Job } from './job.ts';

const MAX_FINISHED = 200;

export interface History {
  all(): readonly Job[];
  find(id: string): Job | undefined;
  /** Appends; a job that ended beside a running one goes before it, for conductors read the last entry only. */
  add(job: Job): void;
  replace(job: Job): void;
}

/** Keeps every running job and the newest finished ones, oldest first (protocol.md 7.5). */
export function createHistory(maxFinished = MAX_FINISHED): History {
  let jobs: readonly Job[] = [];
  const isRunning = (job: Job) => job.status === 'RUNNING';
  const trim = () => {
    const surplus = jobs.filter((job) => !isRunning(job)).length - maxFinished;
    if (surplus <= 0) return;
    const gone = new Set(jobs.filter((job) => !isRunning(job)).slice(0, surplus));
    jobs = jobs.filter((job) => !gone.has(job));
  };
  return {
    all: () => jobs,
    find: (id) => jobs.find((job) => job.id === id),
    add: (job) => {
      const last = jobs.at(-1);
      jobs = last !== undefined && isRunning(last) ? [...jobs.slice(0, -1), job, last] : [...jobs, job];
      trim();
    },
    replace: (job) => {
      jobs = jobs.map((old) => (old.id === job.id ? job : old));
      trim();
    },
  };
}
