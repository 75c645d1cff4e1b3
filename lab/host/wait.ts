import { setTimeout as delay } from 'node:timers/promises';
import { formatDuration } from '../../src/core/index.ts';
import { TimedOut } from './errors.ts';

export interface Wait {
  /** What is waited for, for the error. */
  readonly what: string;
  readonly timeoutMs: number;
  readonly everyMs?: number;
}

/** Polls until `probe` gives something other than null. */
export async function waitFor<T>(probe: () => Promise<T | null>, wait: Wait, signal: AbortSignal): Promise<T> {
  const end = performance.now() + wait.timeoutMs;
  for (;;) {
    const found = await probe();
    if (found !== null) return found;
    if (performance.now() >= end) throw TimedOut(`${wait.what}: nothing within ${formatDuration(wait.timeoutMs)}`);
    await delay(wait.everyMs ?? 100, undefined, { signal });
  }
}

/** Settles with `work`, or rejects after `timeoutMs` or when `signal` fires. `work` itself is not stopped. */
export async function within<T>(work: Promise<T>, wait: Wait, signal?: AbortSignal): Promise<T> {
  const over = new AbortController();
  const stop = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]);
  const late = delay(wait.timeoutMs, undefined, { signal: stop, ref: true }).then(
    () => {
      throw TimedOut(`${wait.what}: nothing within ${formatDuration(wait.timeoutMs)}`);
    },
    (error: unknown) => {
      throw signal?.aborted === true ? signal.reason : error;
    },
  );
  try {
    return await Promise.race([work, late]);
  } finally {
    late.catch(() => undefined);
    over.abort();
  }
}
