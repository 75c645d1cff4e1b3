import { describe, expect, it } from 'vitest';
import { type Sample, servedProbe, watching } from '../../../lab/run/watch.ts';
import { createTimeline, type LabEvent } from '../../../lab/timeline/index.ts';

const MB = 1_000_000;

describe('bytes served', () => {
  const table: readonly (readonly [string, Record<string, number>, Sample | null])[] = [
    ['nothing yet', {}, null],
    ['a small file is not shown', { '/boot.ipxe': 500 }, null],
    ['half of the ramdisk', { '/boot.ipxe': 500, '/ramdisk': 5 * MB }, { done: 5 * MB, total: 10 * MB, unit: 'bytes' }],
    ['no news', { '/boot.ipxe': 500, '/ramdisk': 5 * MB }, null],
    ['all of it', { '/ramdisk': 10 * MB }, { done: 10 * MB, total: 10 * MB, unit: 'bytes' }],
    ['a second boot', { '/ramdisk': 12 * MB }, { done: 2 * MB, total: 10 * MB, unit: 'bytes' }],
    ['an unknown file', { '/gone': 99 * MB }, null],
  ];

  it('are told of the file that moves', async () => {
    let now: Record<string, number> = {};
    const sizes: Record<string, number> = { '/boot.ipxe': 600, '/ramdisk': 10 * MB };
    const probe = servedProbe(
      () => now,
      async (path) => sizes[path] ?? null,
    );
    for (const [what, served, expected] of table) {
      now = served;
      expect([what, await probe()]).toEqual([what, expected]);
    }
  });
});

describe('watching', () => {
  const sample: Sample = { done: 1, total: 2, unit: 'items' };
  it('shows the first probe that knows, passes over one that throws, and gives the result of the work', async () => {
    const events: LabEvent[] = [];
    const timeline = createTimeline(
      (event) => events.push(event),
      () => 0,
    );
    const sleep = () => new Promise<void>((resolve) => setTimeout(resolve, 5));
    const clock = { now: () => 0, monotonic: () => 0, random: () => 0, sleep };
    const work = new Promise<string>((resolve) => setTimeout(() => resolve('done'), 20));
    const failing = () => Promise.reject(new Error('no agent'));
    expect(await watching(work, [failing, async () => null, async () => sample], { timeline, clock })).toBe('done');
    expect(events[0]).toMatchObject({ type: 'progress', done: 1, total: 2, unit: 'items' });
  });

  it('ends with the work when that fails', async () => {
    const timeline = createTimeline(
      () => undefined,
      () => 0,
    );
    const clock = { now: () => 0, monotonic: () => 0, random: () => 0, sleep: async () => undefined };
    await expect(
      watching(Promise.reject(new Error('broken')), [async () => null], { timeline, clock }),
    ).rejects.toThrow('broken');
  });
});
