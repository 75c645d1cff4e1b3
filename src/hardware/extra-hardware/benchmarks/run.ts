import { MiB, reasonOf, type Tell } from '../../../core/index.ts';
import { measureLoad, tasksetThread, type Work, type WorkDone } from '../../../system/index.ts';
import type { HardwarePorts } from '../../ports.ts';
import type { Item } from '../item.ts';

/** One measurement as planned. Nothing is measured at the same time as another. */
export interface Measurement {
  /** What an operator reads while it lasts: `memory by blocks of 1M from all CPUs`. */
  readonly on: string;
  /** One thread for each. Made when its turn comes: the memory in it is as large as what is measured. */
  readonly works: () => readonly Work[];
  /** Processor to bind the threads to; null: wherever the kernel puts them. */
  readonly cpu: number | null;
  /** Milliseconds of measured work, after a fifth as much of warming up. */
  readonly ms: number;
  readonly itemsOf: (done: readonly WorkDone[]) => readonly Item[];
}

export interface Running {
  readonly ports: HardwarePorts;
  readonly tell: Tell;
  /** `cpu`, `mem`, `disk`. */
  readonly name: string;
  /** For all of it; what was not measured by then is left out. */
  readonly maxMs: number;
}

/** What the measurements of one benchmark must keep to. */
export interface Limits {
  /** All of them together, in milliseconds. */
  readonly maxMs: number;
  /** At the same time. */
  readonly maxThreads: number;
}

/** What a thread was seen to take, and some; beyond so many the figure is of so many CPUs. */
const THREAD_BYTES = 8 * MiB;
const MAX_THREADS = 512;

/** How many threads fit into a quarter of the `available` bytes: the ramdisk is in the same memory. */
export const mostThreads = (available: number): number =>
  Math.min(MAX_THREADS, Math.max(1, Math.floor(available / 4 / THREAD_BYTES)));

/** How a line names the CPUs that work together. */
export const allOf = (threads: number, count: number): string =>
  threads < count ? `${threads} of ${count} CPUs` : 'all CPUs';

const WARM_SHARE = 0.2;
/** For starting threads, for large memory to appear and for a device that answers late. */
const GRACE_MS = 10_000;

/** Milliseconds for each of so many measurements, so that all together keep to three quarters of the limit. */
export const fairShare = (eachMs: number, count: number, maxMs: number): number =>
  Math.floor(Math.min(eachMs, (maxMs * 0.75) / ((1 + WARM_SHARE) * Math.max(1, count))));

/** Loops per second of all threads together. */
export const perSecond = (done: readonly WorkDone[]): number =>
  done.reduce((sum, { loops, ms }) => sum + (loops / ms) * 1000, 0);

async function bind({ tools, log }: HardwarePorts, cpu: number, thread: number, signal: AbortSignal): Promise<void> {
  await tools.run(tasksetThread, { cpu, thread }, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    log.warn('extra_hardware.benchmark.unbound', { cpu, reason: reasonOf(error) });
  });
}

async function measure(ports: HardwarePorts, { works, cpu, ms, itemsOf }: Measurement, outer: AbortSignal) {
  const warmMs = ms * WARM_SHARE;
  const limitMs = Math.round(warmMs + ms + GRACE_MS);
  const late = AbortSignal.timeout(limitMs);
  const signal = AbortSignal.any([outer, late]);
  const place = async (thread: number) => (cpu === null ? undefined : bind(ports, cpu, thread, signal));
  try {
    return itemsOf(await measureLoad(works(), { warmMs, ms }, place, signal));
  } catch (error) {
    throw late.aborted && !outer.aborted ? new Error(`no result within ${limitMs / 1000} s`) : error;
  }
}

/** One measurement after the other; one that fails is missing in the result, and the log says why. */
export async function measureAll(
  { ports, tell, name, maxMs }: Running,
  all: readonly Measurement[],
  outer: AbortSignal,
): Promise<readonly Item[]> {
  const { log } = ports;
  const signal = AbortSignal.any([outer, AbortSignal.timeout(maxMs)]);
  const items: Item[] = [];
  for (const [done, measurement] of all.entries()) {
    const { on, ms } = measurement;
    tell({ phase: `benchmark ${name}`, done, total: all.length, unit: 'items', on });
    log.info('extra_hardware.benchmark', { benchmark: name, on, ms, done, total: all.length });
    try {
      items.push(...(await measure(ports, measurement, signal)));
    } catch (error) {
      outer.throwIfAborted();
      log.warn('extra_hardware.benchmark.failed', { benchmark: name, on, reason: reasonOf(error) });
      if (signal.aborted) break;
    }
  }
  tell({ phase: `benchmark ${name}`, done: all.length, total: all.length, unit: 'items' });
  return items;
}
