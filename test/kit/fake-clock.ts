import type { Clock } from '../../src/core/index.ts';

export interface FakeClock extends Clock {
  /** Moves time on; every sleeper wakes at its own moment, in order, and gets its turn before the next one. */
  advance(ms: number): Promise<void>;
  /** Resolves when somebody sleeps: what ran before, sockets included, is then done. */
  asleep(): Promise<void>;
  /** Every pause that was asked for, in order, in milliseconds. */
  readonly sleeps: readonly number[];
  /** Monotonic milliseconds since the start. */
  elapsed(): number;
}

export interface FakeClockOptions {
  /** What `random` returns: always this, or these in turn (the last one stays). Default 0.5. */
  readonly random?: number | readonly number[];
  /** Nobody has to call `advance`: time jumps to the next sleeper's moment as soon as it sleeps. */
  readonly auto?: boolean;
}

interface Sleeper {
  readonly due: number;
  readonly order: number;
  readonly wake: () => void;
}

const START = Date.UTC(2026, 0, 1);
/** Lets everything run that needs no time to pass. */
const settle = async () => {
  for (let turn = 0; turn < 4; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
};

/** A clock that stands still until told to move, so that hours of retries take milliseconds and always the same course. */
export function createFakeClock({ random = 0.5, auto = false }: FakeClockOptions = {}): FakeClock {
  let now = 0;
  let order = 0;
  let drawn = 0;
  const sleepers = new Set<Sleeper>();
  const watchers = new Set<() => void>();
  const sleeps: number[] = [];
  const next = (limit: number) =>
    [...sleepers].filter((s) => s.due <= limit).sort((a, b) => a.due - b.due || a.order - b.order)[0];
  const wakeNext = (limit: number): boolean => {
    const sleeper = next(limit);
    if (sleeper === undefined) return false;
    now = Math.max(now, sleeper.due);
    sleeper.wake();
    return true;
  };
  const sleep = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason);
      sleeps.push(ms);
      const cancel = () => {
        sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      const wake = () => {
        sleepers.delete(sleeper);
        signal?.removeEventListener('abort', cancel);
        resolve();
      };
      order += 1;
      const sleeper: Sleeper = { due: now + Math.max(0, ms), order, wake };
      sleepers.add(sleeper);
      signal?.addEventListener('abort', cancel, { once: true });
      for (const watcher of watchers) watcher();
      watchers.clear();
      if (auto) setImmediate(() => wakeNext(Number.POSITIVE_INFINITY));
    });
  return {
    now: () => START + now,
    monotonic: () => now,
    elapsed: () => now,
    random: () => {
      if (typeof random === 'number') return random;
      const value = random[Math.min(drawn, random.length - 1)] ?? 0.5;
      drawn += 1;
      return value;
    },
    sleep,
    sleeps,
    asleep: async () => {
      if (sleepers.size === 0) await new Promise<void>((resolve) => watchers.add(resolve));
      await settle();
    },
    advance: async (ms) => {
      const target = now + ms;
      await settle();
      while (wakeNext(target)) await settle();
      now = target;
    },
  };
}
