import { type Clock, uniform } from '../core/index.ts';

/** Waiting times of the protocol, as pure functions of the clock's randomness; all in milliseconds. */
type Random = Pick<Clock, 'random'>;

/** After a heartbeat that failed, and while a finished command has not been seen by the conductor (protocol 5.2). */
const SOON = { min: 5_000, max: 10_000 } as const;
/** Never two heartbeats within this. */
export const FORCED_GAP_MS = 5_000;

/** How long until the next heartbeat when nothing else happens: a share of the conductor's timeout after a 202. */
export const heartbeatDelay = (
  outcome: 'accepted' | 'failed' | 'unheard',
  intervalMs: number,
  clock: Random,
): number => (outcome === 'accepted' ? intervalMs * uniform(clock, 0.3, 0.6) : uniform(clock, SOON.min, SOON.max));

/** A refusal that came this often in a row will not change within seconds. */
const PATIENT_REFUSALS = 10;
const MOST_BACKOFF = 6;

/** Factor on the pause after the `count`-th answer 400 in a row: from the eleventh on it grows, up to 30-60 s. */
export const refusalBackoff = (count: number): number =>
  count <= PATIENT_REFUSALS ? 1 : Math.min(MOST_BACKOFF, 2 ** Math.min(count - PATIENT_REFUSALS, 10));

const LOOKUP_CEILING_MS = 60_000;

/** After lookup attempt `attempt` (1, 2, ...): random up to a ceiling that doubles from 1 s to 60 s (protocol 4.2). */
export function lookupDelay(attempt: number, intervalMs: number, clock: Random): number {
  const doubled = 1000 * 2 ** Math.min(attempt - 1, 16);
  const ceiling = Math.max(intervalMs, Math.min(doubled, LOOKUP_CEILING_MS));
  return uniform(clock, Math.min(intervalMs, ceiling), ceiling);
}

const CONFLICT_PAUSES_MS = [5_000, 10_000] as const;

/** Extra pause after the `count`-th answer 409 to a lookup: the conductor is making the token. */
export const conflictPause = (count: number): number => CONFLICT_PAUSES_MS[count - 1] ?? 30_000;

export const INSPECTION_ATTEMPTS = 5;
const INSPECTION_PAUSES_MS = [5_000, 5_000, 6_000] as const;

/** After failed inspection attempt `attempt` (1 to 4), protocol 13.2. */
export const inspectionPause = (attempt: number): number => INSPECTION_PAUSES_MS[attempt - 1] ?? 12_000;
