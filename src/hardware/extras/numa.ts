import { type Static, Type } from 'typebox';
import { defineCollector } from '../../core/index.ts';
import type { Files } from '../../system/index.ts';
import { mapLimited } from '../parallel.ts';
import type { HardwarePorts } from '../ports.ts';

const Whole = Type.Integer({ minimum: 0 });
const Topology = Type.Object({
  ram: Type.Array(Type.Object({ numa_node: Whole, size_kb: Whole })),
  /** One entry per core; `cpu` is the number of the core in its package, `thread_siblings` are logical CPUs. */
  cpus: Type.Array(Type.Object({ cpu: Type.Integer(), numa_node: Whole, thread_siblings: Type.Array(Whole) })),
  /** -1 where the firmware does not tell. */
  nics: Type.Array(Type.Object({ name: Type.String(), numa_node: Type.Integer() })),
});
type Topology = Static<typeof Topology>;

const NODES = '/sys/devices/system/node';
const NICS = '/sys/class/net';

const ascending = (a: number, b: number) => a - b;
/** Numbers of the entries `<prefix><number>`, in order. */
const numbered = (names: readonly string[], prefix: RegExp): readonly number[] =>
  names
    .filter((name) => prefix.test(name))
    .map((name) => Number(name.replace(/^\D+/, '')))
    .sort(ascending);

const numberIn = async (files: Files, path: string): Promise<number | null> => {
  const text = await files.textOrNull(path);
  return text !== null && /^-?\d+$/.test(text) ? Number(text) : null;
};

async function ramOf(files: Files, node: number): Promise<Topology['ram'][number]> {
  const text = await files.text(`${NODES}/node${node}/meminfo`);
  const size = /MemTotal:\s+(\d+) kB/.exec(text)?.[1];
  if (size === undefined) throw new Error(`${NODES}/node${node}/meminfo tells no MemTotal`);
  return { numa_node: node, size_kb: Number(size) };
}

/** Cores by package, die and number: the same number in two packages of one node is two cores. */
async function coresOf(files: Files, node: number, note: (problem: string) => void): Promise<Topology['cpus']> {
  const threads = numbered(await files.list(`${NODES}/node${node}`), /^cpu\d+$/);
  const found = await mapLimited(threads, 16, async (thread) => {
    const at = (name: string) => numberIn(files, `${NODES}/node${node}/cpu${thread}/topology/${name}`);
    const [core, packageId, die] = await Promise.all([at('core_id'), at('physical_package_id'), at('die_id')]);
    if (core === null) note(`cpu${thread} of node ${node} has no core_id: it is offline`);
    return core === null ? [] : [{ thread, core, key: `${packageId ?? 0} ${die ?? 0} ${core}` }];
  });
  return [...Map.groupBy(found.flat(), ({ key }) => key).values()].map((same) => ({
    cpu: same[0]?.core ?? 0,
    numa_node: node,
    thread_siblings: same.map(({ thread }) => thread),
  }));
}

async function nicsOf(files: Files): Promise<Topology['nics']> {
  const names = await files.list(NICS);
  const nodes = await Promise.all(names.map((name) => numberIn(files, `${NICS}/${name}/device/numa_node`)));
  return names.flatMap((name, at) => {
    const node = nodes[at];
    return node === undefined || node === null ? [] : [{ name, numa_node: node }];
  });
}

/** `numa_topology` of the inspection report (inventory.md 5.3). A CPU that is offline is left out, not the whole. */
export const numaTopology = defineCollector({
  name: 'numa-topology',
  doc: 'Memory, cores and NICs by NUMA node.',
  budgetMs: 20_000,
  schema: Type.Union([Topology, Type.Null()]),
  fallback: null,
  async collect({ files }: HardwarePorts, _signal, note) {
    const nodes = numbered(await files.list(NODES), /^node\d+$/);
    if (nodes.length === 0) throw new Error(`${NODES} has no node: the kernel knows no NUMA topology`);
    const ram = await Promise.all(nodes.map((node) => ramOf(files, node)));
    const cores = await Promise.all(nodes.map((node) => coresOf(files, node, note)));
    return { ram, cpus: cores.flat(), nics: await nicsOf(files) };
  },
});
