import { defineCollector } from '../../../core/index.ts';
import { type Files, readUdevRecord } from '../../../system/index.ts';
import { type Disk, listDisks } from '../../disks/index.ts';
import { mapLimited } from '../../parallel.ts';
import type { HardwarePorts } from '../../ports.ts';
import { type Item, Items, itemsOf } from '../item.ts';

const GIGABYTE = 1_000_000_000;
const BY_ID = 'disk/by-id/';

/** Disks of metal, multipath ones once; arrays made of disks are none. */
export const metalDisks = (disks: readonly Disk[]): readonly Disk[] =>
  disks.filter(({ type }) => type === 'disk' || type === 'mpath');

/** `[none] mq-deadline kyber` -> `none`. */
const chosen = (text: string | null) => /\[(.*?)\]/.exec(text ?? '')?.[1] ?? null;

/** Both caches by the words of the SCSI driver; other disks tell nothing (kernel: sd-parameters). */
export function cacheFields(kind: string | null): Readonly<Record<string, string>> {
  if (kind === null) return {};
  return {
    'Write Cache Enable': kind === 'write through' || kind === 'none' ? '0' : '1',
    'Read Cache Disable': kind === 'none' || kind.includes('daft') ? '1' : '0',
  };
}

/** Names below by-id; of several of one kind the last in order counts. */
export function idFields(links: readonly string[]): Readonly<Record<string, string>> {
  const names = links.filter((link) => link.startsWith(BY_ID)).map((link) => link.slice(BY_ID.length));
  const kindOf = (name: string) => (name.startsWith('wwn') ? 'wwn-id' : name.startsWith('scsi') ? 'scsi-id' : 'id');
  return Object.fromEntries(names.sort().map((name) => [kindOf(name), name]));
}

async function describe(files: Files, { kname, size, hctl }: Disk): Promise<readonly Item[]> {
  const sys = `/sys/class/block/${kname}`;
  /** The first of some files that can be read. An NVMe namespace has its controller between itself and the PCI device. */
  const at = async (...names: readonly string[]): Promise<string | null> => {
    for (const name of names) {
      const text = await files.textOrNull(`${sys}/${name}`);
      if (text !== null) return text;
    }
    return null;
  };
  const { links } = await readUdevRecord(files, `b${(await at('dev')) ?? ''}`);
  return itemsOf('disk', kname, {
    size: String(Math.floor(size / GIGABYTE)),
    vendor: await at('device/vendor', 'device/device/vendor'),
    model: await at('device/model', 'device/device/model'),
    rev: await at('device/rev', 'device/firmware_rev'),
    revision: await at('device/revision', 'device/device/revision'),
    optimal_io_size: await at('queue/optimal_io_size'),
    physical_block_size: await at('queue/physical_block_size'),
    rotational: await at('queue/rotational'),
    nr_requests: await at('queue/nr_requests'),
    scheduler: chosen(await at('queue/scheduler')),
    ...cacheFields(hctl === null ? null : await at(`device/scsi_disk/${hctl}/cache_type`)),
    ...idFields(links),
  });
}

/** Group `disk`. */
export const disk = defineCollector({
  name: 'disk',
  doc: 'Size, model, firmware, queue, caches and names of every disk.',
  budgetMs: 60_000,
  schema: Items,
  fallback: [],
  async collect(ports: HardwarePorts, signal) {
    const disks = metalDisks(await listDisks(ports, signal));
    const all = await mapLimited(disks, 8, (one) => describe(ports.files, one));
    return [...itemsOf('disk', 'logical', { count: String(disks.length) }), ...all.flat()];
  },
});
