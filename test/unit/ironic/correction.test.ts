import { describe, expect, it } from 'vitest';
import { planCorrection } from '../../../src/ironic/index.ts';

const HOUR = 3_600_000;
const now = Date.UTC(2026, 10, 25, 12);
const plan = (ours: number, theirs: number, allowed: 'yes' | 'off' | 'used' = 'yes') =>
  planCorrection({ ours, theirs }, { toleranceMs: HOUR, allowed });

describe('correction of the clock by the conductor', () => {
  it.each([
    ['an empty battery', Date.UTC(1970, 0, 1), now, { set: now }],
    ['a clock ahead of its time', now + 400 * 24 * HOUR, now, { set: now }],
    ['exactly the tolerance', now - HOUR, now, { keep: 'both clocks agree' }],
    ['a server that lives in the past', now, Date.UTC(2019, 0, 1), { keep: expect.stringContaining('is before') }],
    ['a server that lives far ahead', now, Date.UTC(2099, 0, 1), { keep: expect.stringContaining('is after') }],
  ])('%s', (_name, ours, theirs, expected) => {
    expect(plan(ours, theirs)).toEqual(expected);
  });

  it('needs the permission of the operator, and happens once', () => {
    expect(plan(0, now, 'off')).toEqual({ keep: 'clock_from_conductor is off' });
    expect(plan(0, now, 'used')).toEqual({ keep: 'it was corrected once already' });
  });
});
