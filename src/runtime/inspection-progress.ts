import type { Progress, Tell } from '../core/index.ts';
import type { Hub } from './hub.ts';

/** What an operator reads while an inspection lasts, once nothing in it takes long any more. */
export const INSPECTION_WAITS = 'the inventory and the inspection callback';

function waitsFor({ phase, done, total, on }: Progress): string {
  if (total === null || done >= total) return INSPECTION_WAITS;
  return `${phase}, ${done + 1} of ${total}${on === undefined ? '' : `: ${on}`}`;
}

/** Shows what an inspection is doing while it takes long, and since when. */
export const tellHub =
  (hub: Pick<Hub, 'snapshot' | 'enter'>): Tell =>
  (progress) =>
    hub.enter(hub.snapshot().state, waitsFor(progress));
