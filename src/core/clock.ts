/** Time and randomness as a port, so that retry rules and jitter can be tested without waiting. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch: for stamps only, it may jump. */
  now(): number;
  /** Monotonic milliseconds: for every interval. */
  monotonic(): number;
  /** Rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Uniform in [0, 1). */
  random(): number;
}

/** The longest that a timer of the runtime waits; with more it would fire at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** A time limit as long as a timer can watch it: 24 days stand for any longer one. */
export const timerMs = (ms: number): number => Math.min(ms, MAX_TIMER_MS);

/** Uniform in [min, max) of the clock's randomness. */
export const uniform = (clock: Pick<Clock, 'random'>, min: number, max: number): number =>
  min + (max - min) * clock.random();
