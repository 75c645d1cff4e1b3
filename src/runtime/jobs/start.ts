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

/** The two ways to start a command; whose turn it is was decided before. Both throw what is wrong with the request. */
export function createStarters<P>(options: StartOptions<P>, history: History, slot: Slot) {
  const { clock, log, ports } = options;
  const execute = createExecution(options);

  const tellEnd = () => {
    try {
      options.onFinished();
    } catch (error) {
      log.error('command.end.hook', { reason: reasonOf(error) });
    }
  };

  /** A request of the right form that still cannot be started is a failed command; it never reaches the slot. */
  const refusal = (command: Command<P>, params: Params): Job | null => {
    try {
      command.validate(params, ports);
      return null;
    } catch (error) {
      if (isContentFault(error)) throw error;
      const now = clock.now();
      const outcome = failed(error, options.secrets.values());
      log.error('command.refused', { name: command.name, error: outcome.error });
      // Answered at once, hence under the full name whatever the kind.
      const job: Job = { ...newJob(command, now), kind: 'sync', ...outcome, finishedAt: now };
      history.add(job);
      return job;
    }
  };

  const runSync = async (command: Command<P>, params: Params): Promise<WireCommand> => {
    const refused = refusal(command, params);
    if (refused !== null) return toWire(refused);
    const job = newJob(command, clock.now());
    const ended = await execute(command, job, params, new AbortController().signal);
    history.add({ ...ended, result: withoutArchive(ended.result) });
    return toWire(ended);
  };

  const startAsync = (command: Command<P>, params: Params): Running => {
    const abort = new AbortController();
    const refused = refusal(command, params);
    if (refused !== null) return { job: refused, abort, ended: Promise.resolve(refused) };
    const job = newJob(command, clock.now());
    history.add(job);
    const ended = execute(command, job, params, abort.signal).then((last) => {
      history.replace(last);
      slot.release();
      tellEnd();
      return last;
    });
    const running = { job, abort, ended };
    slot.occupy(running);
    return running;
  };

  return { runSync, startAsync };
}
