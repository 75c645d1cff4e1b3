import type { Work } from '../../../system/index.ts';
import { type Item, itemsOf } from '../item.ts';
import { cpuinfoOf, type Processors } from './processors.ts';
import { allOf, fairShare, type Limits, type Measurement, perSecond } from './run.ts';

const EACH_MS = 3_000;

const primes: Work = { kind: 'primes' };

/** One CPU of each socket, then all CPUs at once; a loop finds the primes below 15000. */
export function planCpu({ count, firsts }: Processors, { maxMs, maxThreads }: Limits): readonly Measurement[] {
  const together = Math.min(count, maxThreads);
  const ms = fairShare(EACH_MS, firsts.length + 1, maxMs);
  const loops = (thing: string, on: string, cpu: number | null, threads: number): Measurement => ({
    on,
    cpu,
    ms,
    works: () => Array.from({ length: threads }, () => primes),
    itemsOf: (done) => itemsOf('cpu', thing, { loops_per_sec: String(Math.round(perSecond(done))) }),
  });
  return [
    ...firsts.map((cpu) => loops(`logical_${cpu}`, `CPU ${cpu}`, cpu, 1)),
    loops('logical', allOf(together, count), null, together),
  ];
}

/** What the kernel measured at boot, and the cache it names. */
export const cpuinfoItems = (text: string, { firsts }: Processors): readonly Item[] =>
  firsts.flatMap((cpu) => {
    const of = cpuinfoOf(text, cpu);
    return itemsOf('cpu', `logical_${cpu}`, {
      bogomips: of.get('bogomips'),
      cache_size: of.get('cache size')?.replaceAll(' ', ''),
    });
  });
