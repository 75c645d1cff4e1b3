import { describe, expect, it } from 'vitest';
import { GiB, MiB } from '../../../../src/core/index.ts';
import { planStretches } from '../../../../src/image/foreign/index.ts';

const hole = (start: number, length: number) => ({ start, length, isHole: true });
const full = (start: number, length: number) => ({ start, length, isHole: false });
const asText = (map: Parameters<typeof planStretches>[0], from: number, to: number) =>
  planStretches(map, from, to).map((one) => `${one.kind} ${one.from / MiB}-${one.to / MiB}`);

describe('what of an image is converted and what only becomes zero', () => {
  it.each([
    ['no map: all is data', [], ['data 1-1024']],
    ['no holes', [full(0, GiB)], ['data 1-1024']],
    [
      'a hole in the middle',
      [full(0, 10 * MiB), hole(10 * MiB, 90 * MiB), full(100 * MiB, 924 * MiB)],
      ['data 1-10', 'hole 10-100', 'data 100-1024'],
    ],
    ['a small hole', [full(0, 10 * MiB), hole(10 * MiB, 63 * MiB), full(73 * MiB, 951 * MiB)], ['data 1-1024']],
    [
      'neighbouring holes',
      [hole(0, 40 * MiB), hole(40 * MiB, 30 * MiB), full(70 * MiB, 954 * MiB)],
      ['hole 1-70', 'data 70-1024'],
    ],
    ['a hole over the end', [full(0, 500 * MiB), hole(500 * MiB, 600 * MiB)], ['data 1-500', 'hole 500-1024']],
    ['nothing but a hole', [hole(0, 2 * GiB)], ['hole 1-1024']],
    [
      'a hole at odd places',
      [full(0, 10 * MiB + 512), hole(10 * MiB + 512, 90 * MiB), full(100 * MiB + 512, GiB)],
      ['data 1-11', 'hole 11-100', 'data 100-1024'],
    ],
  ])('%s', (_, map, stretches) => {
    expect(asText(map, MiB, GiB)).toEqual(stretches);
  });

  it('takes the largest holes out, each byte once', () => {
    const map = Array.from({ length: 200 }, (_, i) => hole(i * 200 * MiB, (64 + (i % 100)) * MiB));
    const plan = planStretches(map, MiB, 40_000 * MiB);
    expect(plan.filter(({ kind }) => kind === 'hole')).toHaveLength(64);
    const ends = plan.map(({ to }) => to);
    expect(plan.map(({ from }) => from)).toEqual([MiB, ...ends.slice(0, -1)]);
    expect(ends.at(-1)).toBe(40_000 * MiB);
  });

  it('gives nothing for nothing', () => {
    expect(planStretches([hole(0, GiB)], MiB, MiB)).toEqual([]);
  });
});
