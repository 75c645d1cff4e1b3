import { randomUUID } from 'node:crypto';
import {
  type Clock,
  type Command,
  formatDuration,
  type Log,
  type Node,
  type Run,
  type Secrets,
} from '../../core/index.ts';
import type { Hub } from '../hub.ts';
import type { Metrics } from '../metrics/index.ts';
import { brief } from './brief.ts';
import type { Job } from './job.ts';
import { failed, isContentFault, type Outcome, succeeded } from './outcome.ts';

export type Params = Readonly<Record<string, unknown>>;

export interface ExecutionOptions<P> {
  readonly ports: P;
  /** The node of one call: from its parameters, else the cached one. */
  readonly nodeOf: (params: Params) => Node | null;
  readonly hub: Hub;
  readonly metrics: Pick<Metrics, 'ended'>;
  readonly log: Log;
  readonly clock: Pick<Clock, 'now'>;
  readonly secrets: Secrets;
}

const stepOf = ({ step }: Params): string | null =>
  typeof step === 'object' && step !== null && 'step' in step && typeof step.step === 'string' ? step.step : null;

export function newJob(command: Command<never>, params: Params, startedAt: number): Job {
  return {
    id: randomUUID(),
    name: command.name,
    kind: command.kind,
    step: stepOf(params),
    status: 'RUNNING',
    error: null,
    result: null,
    startedAt,
    finishedAt: null,
  };
}

/**
 * Runs one command to its end and returns the ended job; never rejects for what the command did.
 * Faults of the request itself, of a sync command, are thrown: they belong to HTTP, not to the history.
 */
export function createExecution<P>({ ports, nodeOf, hub, metrics, log, clock, secrets }: ExecutionOptions<P>) {
  const perform = async (command: Command<P>, job: Job, params: Params, signal: AbortSignal): Promise<Outcome> => {
    const progress: Run<P>['progress'] = (news) => hub.progress(job.id, news);
    try {
      signal.throwIfAborted();
      const value = await command.invoke(params, { ports, node: nodeOf(params), signal, progress, log });
      return succeeded(job, value, secrets.values());
    } catch (error) {
      if (job.kind === 'sync' && isContentFault(error)) throw error;
      return failed(error, secrets.values());
    }
  };

  const report = (job: Job, outcome: Outcome, finishedAt: number) => {
    const fields = { id: job.id, name: job.name, status: outcome.status };
    const ms = Math.max(0, finishedAt - job.startedAt);
    const took = formatDuration(ms);
    if (outcome.error === null) log.info('command.end', { ...fields, took });
    else log.error('command.end', { ...fields, took, error: outcome.error });
    metrics.ended({ name: job.name, status: outcome.status, ms });
    hub.commandEnded(job.id, outcome.error === null ? null : `${job.name}: ${outcome.error.details}`);
  };

  return async (command: Command<P>, job: Job, params: Params, signal: AbortSignal): Promise<Job> => {
    log.info('command.start', { id: job.id, name: job.name });
    log.debug('command.params', { id: job.id, params: brief(params) });
    hub.commandStarted(job.id, job.name);
    try {
      const outcome = await perform(command, job, params, signal);
      const finishedAt = clock.now();
      report(job, outcome, finishedAt);
      return { ...job, ...outcome, finishedAt };
    } catch (error) {
      hub.commandEnded(job.id, null);
      throw error;
    }
  };
}
