import { CommandExecutionFailed } from '../../core/index.ts';
import type { Job } from './job.ts';

/** `clean.execute_clean_step (erase_devices)` */
export const spokenName = ({ name, step }: Pick<Job, 'name' | 'step'>): string =>
  step === null ? name : `${name} (${step})`;

/**
 * The history of a run that was killed: what ran then has failed, under its old id and in its old place, so that the
 * conductor sees a failure and not a machine that was just booted (protocol.md 8.5).
 */
export function interrupted(jobs: readonly Job[], now: number): readonly Job[] {
  return jobs.map((job) => {
    if (job.status !== 'RUNNING') return job;
    const error = CommandExecutionFailed(
      `agent restarted while ${spokenName(job)} was running: it did not finish, and what it left on the disks is unknown`,
      { hint: 'start the operation again; the journal of the machine tells why the agent ended' },
    );
    return { ...job, status: 'FAILED', error: error.toWire(), result: null, finishedAt: Math.max(now, job.startedAt) };
  });
}
