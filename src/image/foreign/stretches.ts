import { MiB } from '../../core/index.ts';

/** Below this a hole is not worth another start of qemu-img, which writes zeros as fast as data. */
const WORTH_A_SPLIT = 64 * MiB;
/** Only the largest holes are taken out: each costs a start. */
const MAX_HOLES = 64;
/** Holes begin and end at sectors of any size. */
const ALIGNMENT = MiB;

/** Part of the target, `from` inclusive, `to` exclusive. */
export interface Stretch {
  readonly kind: 'data' | 'hole';
  readonly from: number;
  readonly to: number;
}

interface Mapped {
  readonly start: number;
  readonly length: number;
  readonly isHole: boolean;
}

/** Neighbouring holes as one, only whole alignment units of what lies within the bounds. */
function largeHoles(map: readonly Mapped[], from: number, to: number): readonly Stretch[] {
  const joined: { from: number; to: number }[] = [];
  for (const { start, length } of map.filter(({ isHole }) => isHole)) {
    const last = joined.at(-1);
    if (last?.to === start) last.to = start + length;
    else joined.push({ from: start, to: start + length });
  }
  return joined
    .map((hole) => ({
      kind: 'hole' as const,
      from: Math.ceil(Math.max(hole.from, from) / ALIGNMENT) * ALIGNMENT,
      to: Math.floor(Math.min(hole.to, to) / ALIGNMENT) * ALIGNMENT,
    }))
    .filter((hole) => hole.to - hole.from >= WORTH_A_SPLIT)
    .sort((a, b) => b.to - b.from - (a.to - a.from))
    .slice(0, MAX_HOLES)
    .sort((a, b) => a.from - b.from);
}

/** Splits a part of the disk inside an image into what is converted and what only has to become zero. Every byte of it
 * is in exactly one stretch. @param map in order */
export function planStretches(map: readonly Mapped[], from: number, to: number): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let at = from;
  for (const hole of largeHoles(map, from, to)) {
    if (hole.from > at) stretches.push({ kind: 'data', from: at, to: hole.from });
    stretches.push(hole);
    at = hole.to;
  }
  if (at < to) stretches.push({ kind: 'data', from: at, to });
  return stretches;
}
