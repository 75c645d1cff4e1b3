import { KiB, MiB } from '../../../core/index.ts';
import { sharedMemory, type Work } from '../../../system/index.ts';
import { type Item, itemsOf } from '../item.ts';
import { fairShare, type Limits, type Measurement, perSecond } from './run.ts';

const EACH_MS = 5_000;
/** Requests at the same time: of one disk, and of all disks together. */
const DEPTH = 8;
const MAX_THREADS = 128;

/** By the names of the reference's program in the fields. */
const PATTERNS = [
  { name: 'read_1M', blockBytes: MiB, isRandom: false },
  { name: 'randread_4k', blockBytes: 4 * KiB, isRandom: true },
] as const;
type Pattern = (typeof PATTERNS)[number];

export interface BenchmarkDisk {
  readonly kname: string;
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** Any whole number but 0, from the agent's randomness. */
export type Seed = () => number;

/** Threads that read one disk together: each has its part of the memory, and they share the place on the disk. */
function readersOf(disk: BenchmarkDisk, pattern: Pattern, depth: number, seed: Seed): readonly Work[] {
  const { blockBytes, isRandom } = pattern;
  const memory = sharedMemory(depth * blockBytes);
  const next = isRandom ? null : new Uint32Array(new SharedArrayBuffer(4));
  return Array.from({ length: depth }, (_none, at) => ({
    kind: 'read',
    path: disk.path,
    into: memory.subarray(at * blockBytes, (at + 1) * blockBytes),
    blocks: Math.floor(disk.size / blockBytes),
    next,
    seed: seed(),
  }));
}

function fieldsOf(disk: BenchmarkDisk, mode: string, { name, blockBytes }: Pattern, perSec: number): readonly Item[] {
  return itemsOf('disk', disk.kname, {
    [`${mode}_${name}_KBps`]: String(Math.round((perSec * blockBytes) / KiB)),
    [`${mode}_${name}_IOps`]: String(Math.round(perSec)),
  });
}

/**
 * Each disk alone, then all at once; reads only. Disks too small for a block of each thread are left out, and so is the
 * reading of all at once when that would take too many threads.
 */
export function planDisks(disks: readonly BenchmarkDisk[], seed: Seed, limits: Limits): readonly Measurement[] {
  const maxThreads = Math.min(MAX_THREADS, limits.maxThreads);
  const large = disks.filter(({ size }) => size >= DEPTH * MiB);
  const several = large.length > 1 && large.length <= maxThreads ? [large] : [];
  const groups = [...large.map((disk) => [disk]), ...several];
  const ms = fairShare(EACH_MS, groups.length * PATTERNS.length, limits.maxMs);
  return groups.flatMap((group) =>
    PATTERNS.map((pattern): Measurement => {
      const depth = Math.max(1, Math.min(DEPTH, Math.floor(maxThreads / group.length)));
      const mode = group.length > 1 ? 'simultaneous' : 'standalone';
      return {
        on: `${group.length > 1 ? `all ${group.length} disks` : group.map(({ path }) => path).join()}: ${pattern.name}`,
        cpu: null,
        ms,
        works: () => group.flatMap((disk) => readersOf(disk, pattern, depth, seed)),
        itemsOf: (done) =>
          group.flatMap((disk, at) =>
            fieldsOf(disk, mode, pattern, perSecond(done.slice(at * depth, (at + 1) * depth))),
          ),
      };
    }),
  );
}
