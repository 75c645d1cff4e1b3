import { type Clock, RequestedObjectNotFound } from '../../core/index.ts';
import type { History } from './history.ts';
import { toWire, type WireCommand } from './job.ts';
import type { Running, Slot } from './slot.ts';

/** When an async command is answered. */
export interface WaitOptions {
  /** At its end instead of at once. */
  readonly wait: boolean;
  /** With `wait`: as it is then, when it has not ended by this time. Absent: no limit. */
  readonly atMostMs?: number;
}

export function createWaiting(clock: Pick<Clock, 'sleep'>) {
  return async ({ job, ended }: Running, { wait, atMostMs }: WaitOptions): Promise<WireCommand> => {
    if (!wait) return toWire(job);
    if (atMostMs === undefined) return toWire(await ended);
    const enough = new AbortController();
    const timeUp = clock.sleep(atMostMs, enough.signal).then(() => job);
    try {
      return toWire(await Promise.race([ended, timeUp]));
    } finally {
      enough.abort();
    }
  };
}

/** What can be asked of one command by its id. */
export function createEnquiries(history: History, slot: Slot, answered: ReturnType<typeof createWaiting>) {
  const runningWith = (id: string): Running | null => (slot.current()?.job.id === id ? slot.current() : null);
  const find = async (id: string, options: WaitOptions): Promise<WireCommand> => {
    const job = history.find(id);
    if (job === undefined) throw RequestedObjectNotFound(`Command Result with id ${id.slice(0, 100)} not found.`);
    const running = runningWith(id);
    return running === null ? toWire(job) : answered(running, options);
  };
  const cancel = (id: string): boolean => runningWith(id) !== null && slot.abort('was cancelled on request') !== null;
  const stop = (id: string, options: WaitOptions): Promise<WireCommand> => {
    cancel(id);
    return find(id, options);
  };
  return { find, cancel, stop };
}
