import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, MAX_TIMER_MS, timerMs } from '../core/index.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    for (let left = ms; ; left -= MAX_TIMER_MS) {
      await delay(timerMs(left), undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
        throw signal?.aborted === true ? signal.reason : error;
      });
      if (left <= MAX_TIMER_MS) return;
    }
  },
  random: () => Math.random(),
};
