import { MiB } from '../../core/index.ts';
import { alignedMemory } from '../../system/index.ts';
import type { TargetDisk } from '../ports.ts';

/** A backup GPT (33 sectors of 512 bytes or 5 of 4096) lives in the last bytes of a disk; firmware can boot from it. */
const TAIL_BYTES = 5 * 4096;

/** A part of the disk that is kept back until the digest is known to be right. */
export interface Region {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/** The two ends of a disk that make it bootable. What the image puts there is collected in memory. */
export interface Withheld {
  readonly head: Region;
  readonly tail: Region;
  /** Takes what belongs to the ends out of `[offset, offset + data.length)`. */
  keep(data: Uint8Array, offset: number): void;
  /** True once the image has put something at the end of the disk. */
  readonly hasTail: () => boolean;
}

/** Where the last part of a disk begins that is kept back. */
export const tailStartOf = (target: TargetDisk): number => Math.max(headEndOf(target), target.size - TAIL_BYTES);
const headEndOf = (target: TargetDisk): number => Math.min(MiB, target.size);

const region = (start: number, end: number): Region => ({ start, end, bytes: alignedMemory(end - start) });

export function withheldEnds(target: TargetDisk): Withheld {
  const head = region(0, headEndOf(target));
  const tail = region(tailStartOf(target), target.size);
  let tailed = false;
  const copy = ({ start, end, bytes }: Region, data: Uint8Array, offset: number): boolean => {
    const from = Math.max(offset, start);
    const to = Math.min(offset + data.length, end);
    if (from >= to) return false;
    bytes.set(data.subarray(from - offset, to - offset), from - start);
    return true;
  };
  return {
    head,
    tail,
    keep(data, offset) {
      copy(head, data, offset);
      tailed = copy(tail, data, offset) || tailed;
    },
    hasTail: () => tailed,
  };
}
