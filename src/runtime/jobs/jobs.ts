import { type Command, CommandExecutionFailed, commandFinder, RequestedObjectNotFound } from '../../core/index.ts';
import type { Params } from './execution.ts';
import { createHistory } from './history.ts';
import { toWire, type WireCommand } from './job.ts';
import { createJoining } from './joining.ts';
import { createLock } from './lock.ts';
import { createSlot } from './slot.ts';
import { createStarters, type StartOptions } from './start.ts';

export interface JobsOptions<P> extends StartOptions<P> {
  readonly commands: readonly Command<P>[];
  /** Names that may stand before the dot, also those without a command yet. */
  readonly extensions: readonly string[];
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
  submit(request: CommandRequest, options: { readonly wait: boolean }, signal?: AbortSignal): Promise<WireCommand>;
  /** Oldest first; the running command is always the last. */
  list(): readonly WireCommand[];
  /** @throws RequestedObjectNotFound */
  find(id: string): WireCommand;
  /** Asks a running async command to stop; it then ends FAILED. False when no such command runs. */
  cancel(id: string): boolean;
}

/** One command at a time (protocol.md 7.5): a lock orders starts, a running async command keeps all others out. */
export function createJobs<P>(options: JobsOptions<P>): Jobs {
  const commandNamed = commandFinder(options.commands, options.extensions);
  const history = createHistory();
  const slot = createSlot();
  const exclusively = createLock();
  const joined = createJoining<WireCommand>();
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

  return {
    submit: async ({ name, params }, { wait }, signal) => {
      const command = commandNamed(name);
      if (command.kind === 'sync') return submitSync(command, params);
      const { job, ended } = await exclusively(
        whenFree(() => startAsync(command, params)),
        signal,
      );
      return toWire(wait ? await ended : job);
    },
    list: () => history.all().map(toWire),
    find: (id) => {
      const job = history.find(id);
      if (job === undefined) throw RequestedObjectNotFound(`Command Result with id ${id.slice(0, 100)} not found.`);
      return toWire(job);
    },
    cancel: (id) => {
      const running = slot.current();
      if (running?.job.id !== id) return false;
      running.abort.abort(CommandExecutionFailed(`${running.job.name} was cancelled on request`));
      return true;
    },
  };
}
