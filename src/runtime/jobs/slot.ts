import { AgentIsBusy, CommandExecutionFailed } from '../../core/index.ts';
import { bareName, type Job } from './job.ts';

export interface Running {
  readonly job: Job;
  readonly abort: AbortController;
  /** Never rejects. */
  readonly ended: Promise<Job>;
}

/** Room for the one async command that may run. */
export interface Slot {
  current(): Running | null;
  occupy(running: Running): void;
  release(): void;
  /** Asks what runs to stop; `how` completes the sentence that begins with its name. Returns what was asked. */
  abort(how: string): Running | null;
  /** Nothing may start any more. */
  close(): void;
  /** @throws AgentIsBusy */
  assertFree(): void;
}

export function createSlot(): Slot {
  let running: Running | null = null;
  let closed = false;
  return {
    current: () => running,
    occupy: (next) => {
      running = next;
    },
    release: () => {
      running = null;
    },
    abort: (how) => {
      running?.abort.abort(CommandExecutionFailed(`${running.job.name} ${how}`));
      return running;
    },
    close: () => {
      closed = true;
    },
    assertFree: () => {
      if (closed) throw AgentIsBusy('the agent is ending; it takes commands again when it is back');
      if (running !== null) throw AgentIsBusy(`executing command ${bareName(running.job.name)}`);
    },
  };
}
