import { defineCollector } from '../../../core/index.ts';
import { lscpu } from '../../../system/index.ts';
import { mapLimited } from '../../parallel.ts';
import type { HardwarePorts } from '../../ports.ts';
import { type Item, Items, itemsOf } from '../item.ts';
import { temperatures } from './temperatures.ts';

const CPUS = '/sys/devices/system/cpu';

type Fields = ReadonlyMap<string, string>;

const numberOf = (text: string | undefined): number | null => {
  const found = Number(text?.trim() === '' ? Number.NaN : text);
  return Number.isFinite(found) ? found : null;
};
/** A number where it is one, in hexadecimal too; ARM names models `r1p1`. */
const numberOrText = (text: string | undefined) => numberOf(text) ?? text;

/** What is true of every socket: lscpu knows one model for all of them. */
function socketFields(of: Fields, boost: string | null) {
  const cores = numberOf(of.get('core(s) per socket'));
  const threads = numberOf(of.get('thread(s) per core'));
  return {
    boost: boost === null ? null : boost === '1' ? 'enabled' : 'disabled',
    vendor: of.get('vendor id'),
    product: of.get('model name'),
    cores,
    threads: (threads ?? 1) * (cores ?? 1),
    family: numberOf(of.get('cpu family')),
    model: numberOrText(of.get('model')),
    stepping: numberOrText(of.get('stepping')),
    architecture: of.get('architecture'),
    'l1d cache': of.get('l1d cache'),
    'l1i cache': of.get('l1i cache'),
    'l2 cache': of.get('l2 cache'),
    'l3 cache': of.get('l3 cache'),
    min_Mhz: numberOf(of.get('cpu min mhz')),
    max_Mhz: numberOf(of.get('cpu max mhz')),
    current_Mhz: numberOf(of.get('cpu mhz')),
    flags: of.get('flags'),
    threads_per_core: threads,
  };
}

async function logicalOf({ files }: HardwarePorts, count: number): Promise<readonly Item[]> {
  const governors = await mapLimited([...Array(count).keys()], 16, (cpu) =>
    files.textOrNull(`${CPUS}/cpu${cpu}/cpufreq/scaling_governor`),
  );
  return [
    ...itemsOf('cpu', 'logical', { number: count }),
    ...governors.flatMap((governor, cpu) => itemsOf('cpu', `logical_${cpu}`, { governor })),
  ];
}

/** CPUs of a list such as `0-15,32-47`; empty for a node without CPUs. */
export function cpusOf(list: string): readonly number[] {
  return [...list.matchAll(/(\d+)(?:-(\d+))?/g)].flatMap(([, first = '0', last = first]) =>
    Array.from({ length: Number(last) - Number(first) + 1 }, (_none, at) => Number(first) + at),
  );
}

const maskOf = (cpus: readonly number[]) =>
  `0x${cpus.reduce((mask, cpu) => mask | (1n << BigInt(cpu)), 0n).toString(16)}`;

/** Nodes may be numbered with gaps. */
function numaOf(of: Fields): readonly Item[] {
  const nodes = [...of]
    .flatMap(([field, list]) => {
      const number = /^numa node(\d+) cpu\(s\)$/.exec(field)?.[1];
      return number === undefined ? [] : [{ number: Number(number), cpus: cpusOf(list) }];
    })
    .sort((a, b) => a.number - b.number);
  return [
    ...itemsOf('numa', 'nodes', { count: numberOf(of.get('numa node(s)')) }),
    ...nodes.flatMap(({ number, cpus }) =>
      itemsOf('numa', `node_${number}`, { cpu_count: cpus.length, cpu_mask: maskOf(cpus) }),
    ),
  ];
}

/** Groups `cpu` and `numa`. */
export const cpu = defineCollector({
  name: 'cpu',
  doc: 'Sockets, cores, caches, frequencies, governors, temperatures and NUMA nodes.',
  budgetMs: 15_000,
  schema: Items,
  fallback: [],
  async collect(ports: HardwarePorts, signal) {
    const of = await ports.tools.run(lscpu, undefined, signal);
    const [smt, boost] = await Promise.all([
      ports.files.textOrNull(`${CPUS}/smt/control`),
      ports.files.textOrNull(`${CPUS}/cpufreq/boost`),
    ]);
    const sockets = numberOf(of.get('socket(s)')) ?? 0;
    const fields = socketFields(of, boost);
    return [
      ...itemsOf('cpu', 'physical', { number: sockets, smt }),
      ...[...Array(sockets).keys()].flatMap((socket) => itemsOf('cpu', `physical_${socket}`, fields)),
      ...(await logicalOf(ports, numberOf(of.get('cpu(s)')) ?? 0)),
      ...numaOf(of),
      ...(await temperatures(ports.files)),
    ];
  },
});
