import { describe, expect, it } from 'vitest';
import { reportPause } from '../../../src/runtime/inspection/program.ts';

const random = (value: number) => ({ random: () => value });

describe('the pause between two reports of the daemon (protocol 13.6)', () => {
  it.each([
    [300, 0, 0, 210],
    [300, 0, 0.5, 285],
    [300, 0, 0.999_999, 360],
    [300, 1, 0, 567],
    [300, 2, 0, 840],
    [300, 50, 0.999_999, 1440],
    [60, 1, 0, 113.4],
    [60, 2, 0, 306.18],
    [3600, 0, 0, 2520],
    [3600, 3, 0, 2520],
    [1, 1000, 0, 840],
  ])('%i s after %i failures with luck %f is %f s', (interval, failures, luck, seconds) => {
    expect(reportPause(interval * 1000, failures, random(luck)) / 1000).toBeCloseTo(seconds, 2);
  });
});
