import { KiB, reasonOf, type Tell, uniform } from '../../../core/index.ts';
import type { Files } from '../../../system/index.ts';
import { listDisks } from '../../disks/index.ts';
import type { HardwarePorts } from '../../ports.ts';
import type { Item } from '../item.ts';
import { metalDisks } from '../parts/index.ts';
import { cpuinfoItems, planCpu } from './cpu.ts';
import { planDisks } from './disk.ts';
import { planMemory } from './memory.ts';
import { processorsOf } from './processors.ts';
import { type Limits, measureAll, mostThreads, type Running } from './run.ts';

interface Benchmark {
  /** Nothing is measured after so many milliseconds. */
  readonly maxMs: number;
  readonly run: (running: Running, signal: AbortSignal) => Promise<readonly Item[]>;
}

/** Memory that may be used without anything else having to go. */
async function availableBytes(files: Files): Promise<number> {
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec((await files.textOrNull('/proc/meminfo')) ?? '')?.[1];
  return Number(available ?? 0) * KiB;
}

const limitsOf = (maxMs: number, available: number): Limits => ({ maxMs, maxThreads: mostThreads(available) });

/** By the names of `inspection_benchmarks`, in the order in which they run. */
const benchmarks: Readonly<Record<string, Benchmark>> = {
  cpu: {
    maxMs: 60_000,
    run: async (running, signal) => {
      const { files } = running.ports;
      const processors = await processorsOf(files);
      const known = cpuinfoItems((await files.textOrNull('/proc/cpuinfo')) ?? '', processors);
      const plan = planCpu(processors, limitsOf(running.maxMs, await availableBytes(files)));
      return [...known, ...(await measureAll(running, plan, signal))];
    },
  },
  mem: {
    maxMs: 120_000,
    run: async (running, signal) => {
      const { files } = running.ports;
      const available = await availableBytes(files);
      const plan = planMemory(await processorsOf(files), available, limitsOf(running.maxMs, available));
      return measureAll(running, plan, signal);
    },
  },
  disk: {
    maxMs: 600_000,
    run: async (running, signal) => {
      const { ports, maxMs } = running;
      const seed = () => Math.floor(uniform(ports.clock, 1, 2 ** 31));
      const disks = metalDisks(await listDisks(ports, signal));
      const limits = limitsOf(maxMs, await availableBytes(ports.files));
      return measureAll(running, planDisks(disks, seed, limits), signal);
    },
  },
};

export const benchmarkNames: readonly string[] = Object.keys(benchmarks);

/** Milliseconds that these take at the most. */
export const benchmarksMs = (names: readonly string[]): number =>
  names.reduce((sum, name) => sum + (benchmarks[name]?.maxMs ?? 0), 0);

/** One after the other; one that fails leaves the others alone. */
export async function runBenchmarks(
  ports: HardwarePorts,
  names: readonly string[],
  tell: Tell,
  signal: AbortSignal,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  for (const [name, { maxMs, run }] of Object.entries(benchmarks)) {
    if (!names.includes(name)) continue;
    try {
      items.push(...(await run({ ports, tell, name, maxMs }, signal)));
    } catch (error) {
      signal.throwIfAborted();
      ports.log.warn('extra_hardware.benchmark.failed', { benchmark: name, reason: reasonOf(error) });
    }
  }
  return items;
}
