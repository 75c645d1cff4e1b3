import { type Clock, type Command, commandFinder } from '../../core/index.ts';
import type { Params } from './execution.ts';
import { createHistory } from './history.ts';
import { interrupted } from './interrupted.ts';
import { type Job, toWire, type WireCommand } from './job.ts';
import { createJoining } from './joining.ts';
import { createLock } from './lock.ts';
import { createSlot } from './slot.ts';
import { createStarters, type StartOptions } from './start.ts';
import { createEnquiries, createWaiting, type WaitOptions } from './waiting.ts';

export interface JobsOptions<P> extends StartOptions<P> {
  readonly commands: readonly Command<P>[];
  /** Names that may stand before the dot, also those without a command yet. */
  readonly extensions: readonly string[];
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  /** Of an earlier run; what is RUNNING in it has failed. */
  readonly before?: readonly Job[];
  /** Makes the history safe from a restart; calls resolve in their order, and none rejects. */
  readonly save?: (jobs: readonly Job[]) => Promise<void>;
}

export interface CommandRequest {
  readonly name: string;
  readonly params: Params;
}

export interface Jobs {
  /**
   * Answers when a sync command is done and as soon as an async one runs, or ended if `wait`.
   * `signal` gives up waiting for the turn; it does not stop what runs.
   * @throws InvalidCommand, RequestedObjectNotFound, InvalidCommandParams, AgentIsBusy; other faults are in the answer
   */
  submit(request: CommandRequest, options: WaitOptions, signal?: AbortSignal): Promise<WireCommand>;
  /** Oldest first; the running command is always the last. */
  list(): readonly WireCommand[];
  /** The command as it is, or, if `wait`, as it has ended. @throws RequestedObjectNotFound */
  find(id: string, options: WaitOptions): Promise<WireCommand>;
  /** Asks a running async command to stop; it then ends FAILED. False when no such command runs. */
  cancel(id: string): boolean;
  /** `cancel` over the wire, answered like `find`. @throws RequestedObjectNotFound */
  stop(id: string, options: WaitOptions): Promise<WireCommand>;
  /** Drops the commands of an earlier run; how many there were. */
  forgetBefore(): Promise<number>;
  /** Starts nothing more and stops what runs; resolves when its end is in the history. */
  close(why: string): Promise<void>;
}

/** One command at a time (protocol.md 7.5): a lock orders starts, a running async command keeps all others out. */
export function createJobs<P>(options: JobsOptions<P>): Jobs {
  const commandNamed = commandFinder(options.commands, options.extensions);
  const { before = [], save } = options;
  const history = createHistory({
    before: interrupted(before, options.clock.now()),
    ...(save === undefined ? {} : { save }),
  });
  const slot = createSlot();
  const answered = createWaiting(options.clock);
  const exclusively = createLock();
  const joined = createJoining<WireCommand>((name) => options.log.info('command.joined', { name }));
  const { runSync, startAsync } = createStarters(options, history, slot);

  const whenFree =
    <T>(start: () => T | Promise<T>) =>
    async (): Promise<T> => {
      slot.assertFree();
      return start();
    };
  const submitSync = (command: Command<P>, params: Params) =>
    joined(command.name, params, () => {
      const run = () => runSync(command, params);
      return command.whileBusy === true ? run() : exclusively(whenFree(run));
    });

  const { find, cancel, stop } = createEnquiries(history, slot, answered);
  return {
    submit: async ({ name, params }, options, signal) => {
      const command = commandNamed(name);
      if (command.kind === 'sync') return submitSync(command, params);
      const start = whenFree(() => startAsync(command, params));
      return answered(await exclusively(start, signal), options);
    },
    list: () => history.all().map(toWire),
    find,
    cancel,
    stop,
    forgetBefore: history.forgetBefore,
    close: async (why) => {
      slot.close();
      await slot.abort(`was stopped: ${why}`)?.ended;
    },
  };
}
