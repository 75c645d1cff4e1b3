import { type Clock, uniform } from '../../core/index.ts';

/** Remembers which URLs were dead a moment ago, so that a request does not wait for the same dead server each time. */
export interface Breaker {
  failed(url: string): void;
  succeeded(url: string): void;
  /** The same URLs; those that were dead a moment ago come last, as a last resort. */
  order(urls: readonly string[]): readonly string[];
}

const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 120_000;

/**
 * After each failure in a row a URL is avoided for longer, from 5-10 s up to 1-2 min. Random, so that the agents of a
 * whole rack do not come back to a restarted server in the same second.
 */
export function createBreaker(clock: Pick<Clock, 'monotonic' | 'random'>): Breaker {
  const dead = new Map<string, { readonly failures: number; readonly until: number }>();
  const isDead = (url: string) => (dead.get(url)?.until ?? 0) > clock.monotonic();
  return {
    failed: (url) => {
      const failures = (dead.get(url)?.failures ?? 0) + 1;
      const ceiling = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10));
      dead.set(url, { failures, until: clock.monotonic() + uniform(clock, ceiling / 2, ceiling) });
    },
    succeeded: (url) => void dead.delete(url),
    order: (urls) => {
      const sorted = urls.map((url) => ({ url, last: isDead(url) }));
      return [...sorted.filter(({ last }) => !last), ...sorted.filter(({ last }) => last)].map(({ url }) => url);
    },
  };
}
