import { type Command, reasonOf } from '../../core/index.ts';
import { createExecution, type ExecutionOptions, newJob, type Params } from './execution.ts';
import type { History } from './history.ts';
import { type Job, toWire, type WireCommand } from './job.ts';
import { failed, isContentFault, withoutArchive } from './outcome.ts';
import type { Running, Slot } from './slot.ts';

export interface StartOptions<P> extends ExecutionOptions<P> {
  /** Called when an async command ended, however it ended: the conductor waits for that news. */
  readonly onFinished: () => void;
}

function tellEnd({ onFinished, log }: Pick<StartOptions<never>, 'onFinished' | 'log'>): void {
  try {
    onFinished();
  } catch (error) {
    log.error('command.end.hook', { reason: reasonOf(error) });
  }
}

/** The two ways to start a command; whose turn it is was decided before. Both throw what is wrong with the request. */
export function createStarters<P>(options: StartOptions<P>, history: History, slot: Slot) {
  const { clock, log, ports } = options;
  const execute = createExecution(options);

  /** A request of the right form that still cannot be started is a failed command; it never reaches the slot. */
  const refusal = async (command: Command<P>, params: Params): Promise<Job | null> => {
    try {
      command.validate(params, ports);
      return null;
    } catch (error) {
      if (isContentFault(error)) throw error;
      const now = clock.now();
      const outcome = failed(error, options.secrets.values());
      log.error('command.refused', { name: command.name, error: outcome.error });
      // Answered at once, hence under the full name whatever the kind.
      const job: Job = { ...newJob(command, params, now), kind: 'sync', ...outcome, finishedAt: now };
      await history.add(job);
      return job;
    }
  };

  const runSync = async (command: Command<P>, params: Params): Promise<WireCommand> => {
    const refused = await refusal(command, params);
    if (refused !== null) return toWire(refused);
    const keep = history.reserve();
    const job = newJob(command, params, clock.now());
    const ended = await execute(command, job, params, new AbortController().signal);
    await keep({ ...ended, result: withoutArchive(ended.result) });
    return toWire(ended);
  };

  const perform = async (command: Command<P>, job: Job, params: Params, signal: AbortSignal): Promise<Job> => {
    const last = await execute(command, job, params, signal);
    await history.replace(last);
    slot.release();
    tellEnd(options);
    return last;
  };

  const startAsync = async (command: Command<P>, params: Params): Promise<Running> => {
    const abort = new AbortController();
    const refused = await refusal(command, params);
    if (refused !== null) return { job: refused, abort, ended: Promise.resolve(refused) };
    const job = newJob(command, params, clock.now());
    // Neither the work nor the answer comes before this is safe: a restart must know that the command had begun.
    const noted = history.add(job);
    const running = { job, abort, ended: noted.then(() => perform(command, job, params, abort.signal)) };
    slot.occupy(running);
    await noted;
    return running;
  };

  return { runSync, startAsync };
}
