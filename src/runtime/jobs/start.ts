import { type Command, reasonOf } from '../../core/index.ts';
import { createExecution, type ExecutionOptions, newJob, type Params } from './execution.ts';
import type { History } from './history.ts';
import { toWire, type WireCommand } from './job.ts';
import { withoutArchive } from './outcome.ts';
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

  const runSync = async (command: Command<P>, params: Params): Promise<WireCommand> => {
    command.validate(params, ports);
    const job = newJob(command, clock.now());
    const ended = await execute(command, job, params, new AbortController().signal);
    history.add({ ...ended, result: withoutArchive(ended.result) });
    return toWire(ended);
  };

  const startAsync = (command: Command<P>, params: Params): Running => {
    command.validate(params, ports);
    const job = newJob(command, clock.now());
    const abort = new AbortController();
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
