import { GiB, KiB, MiB } from '../../../core/index.ts';
import type { Work } from '../../../system/index.ts';
import { itemsOf } from '../item.ts';
import type { Processors } from './processors.ts';
import { allOf, fairShare, type Limits, type Measurement, perSecond } from './run.ts';

const EACH_MS = 1_000;

/** Blocks of the reference's program by their names in the fields. */
const BLOCKS: Readonly<Record<string, number>> = {
  '1K': KiB,
  '4K': 4 * KiB,
  '1M': MiB,
  '16M': 16 * MiB,
  '128M': 128 * MiB,
  '1G': GiB,
  '2G': 2 * GiB,
};

interface Way {
  readonly thing: string;
  /** Beginning of the field's name. */
  readonly field: string;
  readonly on: string;
  readonly cpu: number | null;
  readonly threads: number;
  /** One block for all threads instead of one for each. */
  readonly isShared: boolean;
}

const own = { isShared: false, cpu: null };

/** One CPU of each socket; then all at once into one block, and all at once with a block each. */
function waysOf({ count, firsts }: Processors, maxThreads: number): readonly Way[] {
  const threads = Math.min(count, maxThreads);
  const all = allOf(threads, count);
  const together = { thing: 'logical', threads, ...own };
  return [
    ...firsts.map((cpu) => ({
      ...own,
      thing: `logical_${cpu}`,
      field: 'bandwidth',
      on: `CPU ${cpu}`,
      cpu,
      threads: 1,
    })),
    ...(threads < 2
      ? []
      : [
          { ...together, field: 'threaded_bandwidth', on: `${all}, one block`, isShared: true },
          { ...together, field: 'forked_bandwidth', on: `${all}, a block each` },
        ]),
  ];
}

const neededBytes = (way: Way, blockBytes: number) => blockBytes * (way.isShared ? 1 : way.threads);

function worksOf({ threads, isShared }: Way, blockBytes: number): readonly Work[] {
  const shared = isShared ? new Uint8Array(new SharedArrayBuffer(blockBytes)) : null;
  return Array.from({ length: threads }, (): Work => ({ kind: 'fill', blockBytes, shared }));
}

/** MiB written per second for each block; those that would take more than half of the `available` bytes are left out. */
export function planMemory(processors: Processors, available: number, limits: Limits): readonly Measurement[] {
  const all = waysOf(processors, limits.maxThreads).flatMap((way) =>
    Object.entries(BLOCKS)
      .filter(([, blockBytes]) => neededBytes(way, blockBytes) <= available / 2)
      .map(([name, blockBytes]) => ({ way, name, blockBytes })),
  );
  const ms = fairShare(EACH_MS, all.length, limits.maxMs);
  return all.map(({ way, name, blockBytes }) => ({
    on: `memory by blocks of ${name} from ${way.on}`,
    cpu: way.cpu,
    ms,
    works: () => worksOf(way, blockBytes),
    itemsOf: (done) =>
      itemsOf('cpu', way.thing, { [`${way.field}_${name}`]: String(Math.round((perSecond(done) * blockBytes) / MiB)) }),
  }));
}
