import type { Files } from '../../../system/index.ts';
import { mapLimited } from '../../parallel.ts';
import { cpusOf } from '../parts/index.ts';

/** Processors that benchmarks run on. */
export interface Processors {
  /** How many are online. */
  readonly count: number;
  /** The first online CPU of each socket. */
  readonly firsts: readonly number[];
}

const CPUS = '/sys/devices/system/cpu';

/** Sockets by the kernel's topology; without one all CPUs are one socket. */
export async function processorsOf(files: Files): Promise<Processors> {
  const online = cpusOf((await files.textOrNull(`${CPUS}/online`)) ?? '0');
  const sockets = await mapLimited(online, 16, async (cpu) => ({
    cpu,
    socket: (await files.textOrNull(`${CPUS}/cpu${cpu}/topology/physical_package_id`)) ?? '0',
  }));
  const firsts = [...Map.groupBy(sockets, ({ socket }) => socket).values()].flatMap(([first]) => first?.cpu ?? []);
  return { count: online.length, firsts };
}

/** Fields of one CPU in `/proc/cpuinfo`, whose blocks have blank lines between them. */
export function cpuinfoOf(text: string, cpu: number): ReadonlyMap<string, string> {
  const blocks = text.split(/\n\s*\n/);
  const own = blocks.find((block) => new RegExp(`^processor\\s*:\\s*${cpu}$`, 'm').test(block)) ?? '';
  const pairs = own.split('\n').map((line) => line.split(':').map((part) => part.trim()));
  return new Map(pairs.map(([key = '', value = '']) => [key.toLowerCase(), value]));
}
