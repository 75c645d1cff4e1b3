import { describe, expect, it } from 'vitest';
import {
  conflictPause,
  heartbeatDelay,
  inspectionPause,
  lookupDelay,
  refusalBackoff,
} from '../../../src/ironic/index.ts';

const least = { random: () => 0 };
const most = { random: () => 1 - Number.EPSILON };

describe('waiting times', () => {
  it.each([
    ['accepted', 90_000, 180_000],
    ['failed', 5_000, 10_000],
    ['unheard', 5_000, 10_000],
  ] as const)('after a heartbeat that was %s: %i to %i ms', (outcome, min, max) => {
    expect(heartbeatDelay(outcome, 300_000, least)).toBeCloseTo(min, 3);
    expect(heartbeatDelay(outcome, 300_000, most)).toBeCloseTo(max, 3);
  });

  it.each([
    [0, 1],
    [10, 1],
    [11, 2],
    [12, 4],
    [13, 6],
    [5_000, 6],
  ])('after refusal %i in a row the pause is %i times as long', (count, factor) => {
    expect(refusalBackoff(count)).toBe(factor);
  });

  it.each([
    [1, 1_000, 1_000],
    [2, 1_000, 2_000],
    [3, 1_000, 4_000],
    [6, 1_000, 32_000],
    [7, 1_000, 60_000],
    [5_000, 1_000, 60_000],
  ])('after lookup attempt %i: %i to %i ms', (attempt, min, max) => {
    expect(lookupDelay(attempt, 1_000, least)).toBeCloseTo(min, 3);
    expect(lookupDelay(attempt, 1_000, most)).toBeCloseTo(max, 3);
  });

  it('a long lookup interval is a floor, also above the ceiling', () => {
    expect(lookupDelay(1, 90_000, most)).toBe(90_000);
    expect(lookupDelay(1, 0, least)).toBe(0);
  });

  it('pauses by the book after conflicts and inspection failures', () => {
    expect([1, 2, 3, 4].map(conflictPause)).toEqual([5_000, 10_000, 30_000, 30_000]);
    expect([1, 2, 3, 4].map(inspectionPause)).toEqual([5_000, 5_000, 6_000, 12_000]);
  });
});
