import { type Collector, parse, reasonOf, type Tell } from '../../core/index.ts';
import { hardwareDetect, hardwareDetectBenchmarks, ToolMissing } from '../../system/index.ts';
import type { HardwarePorts } from '../ports.ts';
import { benchmarksMs, runBenchmarks } from './benchmarks/index.ts';
import { type Item, Items } from './item.ts';
import { cpu, disk, ipmi, memory, network, smart, system } from './parts/index.ts';

const parts: readonly Collector<HardwarePorts>[] = [disk, smart, system, memory, network, cpu, ipmi];

export interface ExtraOptions {
  /** Names of `benchmarkNames`; any other is ignored. */
  readonly benchmarks: readonly string[];
  readonly tell: Tell;
}

/** A program that fails after this leaves no time for benchmarks: the conductor waits half an hour in all. */
const LATE_MS = hardwareDetect.timeoutMs;

/** Milliseconds that all of it takes at the most, whichever way it is found out. */
export const extraHardwareMs = (benchmarks: readonly string[]): number => {
  const partsMs = Math.max(...parts.map(({ budgetMs }) => budgetMs));
  const programMs = benchmarks.length === 0 ? hardwareDetect.timeoutMs : hardwareDetectBenchmarks.timeoutMs;
  return partsMs + Math.max(programMs, LATE_MS + benchmarksMs(benchmarks));
};

interface Detected {
  /** Null: the program is absent or of no use. */
  readonly items: readonly Item[] | null;
  /** There is no time left for benchmarks of our own. */
  readonly isLate: boolean;
}

/** Asks the program of the reference, where a ramdisk has it. */
async function detect(
  { tools, log, clock }: HardwarePorts,
  benchmarks: readonly string[],
  signal: AbortSignal,
): Promise<Detected> {
  const program = benchmarks.length === 0 ? hardwareDetect : hardwareDetectBenchmarks;
  const began = clock.monotonic();
  try {
    const { items, refused } = await tools.run(program, { benchmarks }, signal);
    if (refused > 0) log.warn('extra_hardware.rows.refused', { program: program.bin, refused, kept: items.length });
    return { items, isLate: false };
  } catch (error) {
    signal.throwIfAborted();
    const level = ToolMissing.is(error) ? 'debug' : 'warn';
    log[level]('extra_hardware.program.unused', { program: program.bin, reason: reasonOf(error) });
    return { items: null, isLate: clock.monotonic() - began > LATE_MS };
  }
}

/** All parts at once, each within its budget; one that fails leaves the others alone. */
async function readParts(ports: HardwarePorts, signal: AbortSignal): Promise<readonly Item[]> {
  const all = parts.map(async (part) => {
    const { value, problems } = await part.run(ports, signal);
    for (const problem of problems) ports.log.warn('extra_hardware.part.incomplete', { part: part.name, problem });
    return parse(Items, value, part.name);
  });
  const found = (await Promise.all(all)).flat();
  signal.throwIfAborted();
  return found;
}

/**
 * `data` of the inspection report (inventory.md 5.6): what `hardware-detect` prints, else the same facts out of what the
 * agent reads itself. Never fails but when `signal` aborts: what could not be found out is missing, and the log says why.
 */
export async function extraHardware(
  ports: HardwarePorts,
  { benchmarks, tell }: ExtraOptions,
  signal: AbortSignal,
): Promise<readonly Item[]> {
  const { items, isLate } = await detect(ports, benchmarks, signal);
  if (items !== null) return items;
  const found = await readParts(ports, signal);
  if (isLate) ports.log.warn('extra_hardware.benchmarks.skipped', { why: 'hardware-detect took all their time' });
  return isLate ? found : [...found, ...(await runBenchmarks(ports, benchmarks, tell, signal))];
}
