import type { Clock } from '../../core/index.ts';
import { toWire, type WireCommand } from './job.ts';
import type { Running } from './slot.ts';

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
