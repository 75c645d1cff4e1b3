import type { Exchange } from '../../system/index.ts';

/** What the agent asks its control plane for. */
export type Call = 'discovery' | 'lookup' | 'heartbeat' | 'inspection' | 'other';

const CALLS: readonly (readonly [RegExp, Call])[] = [
  [/\/v1\/lookup$/, 'lookup'],
  [/\/v1\/heartbeat\/[^/]+$/, 'heartbeat'],
  [/\/continue(_inspection)?$/, 'inspection'],
  [/^\/(v1\/?)?$/, 'discovery'],
];

export const callOf = ({ path }: Pick<Exchange, 'path'>): Call =>
  CALLS.find(([pattern]) => pattern.test(path))?.[1] ?? 'other';

/** Few words, so that a server cannot make new ones by the statuses it answers. */
export function outcomeOf({ status }: Pick<Exchange, 'status'>): string {
  if (status === null) return 'unreachable';
  if (status === 409) return 'conflict';
  if (status < 400) return 'accepted';
  return status < 500 ? 'refused' : 'failed';
}
