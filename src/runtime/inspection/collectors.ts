import { AgentError, type Collector, reasonOf } from '../../core/index.ts';
import {
  chooseRootDisk,
  collectInventory,
  dmi,
  type HardwarePorts,
  listDisks,
  lldpRaw,
  numaTopology,
  pciDevices,
  toWireDisk,
  usbDevices,
  withinBudget,
  withLldp,
} from '../../hardware/index.ts';
import type { InspectionContext, Part } from './context.ts';
import { waitForAddresses } from './dhcp.ts';
import { extraHardwareCollector } from './extra-hardware.ts';
import type { Listening } from './lldp.ts';

export type ReportContext = InspectionContext & { readonly listening: Listening };

/** One name of `inspection_collectors`. */
export interface ReportCollector {
  /** Beyond this it is given up and named in `error`. */
  readonly budgetMs: (context: ReportContext) => number;
  /**
   * `names` are all collectors of this inspection. `fail` puts a sentence into `error` without giving up the part; what
   * is thrown does both.
   */
  readonly collect: (
    context: ReportContext,
    names: readonly string[],
    signal: AbortSignal,
    fail: (why: string) => void,
  ) => Promise<Part>;
}

const ROOT_DISK_MS = 30_000;
/** Every part of the inventory has a budget of its own below this. */
const INVENTORY_MS = 60_000;
/** The archive keeps to 45 s itself. */
const LOGS_MS = 60_000;
/** A collector with a budget of its own says better what went wrong. */
const GRACE_MS = 1_000;
/** Ironic refuses reports beyond 16 MiB, and base64 adds a third. */
const MAX_LOG_BYTES = 8 * 1024 * 1024;

/** The disk that would be the root disk without hints (inventory.md 3.1); absent when none qualifies. */
async function rootDisk({ ports, settings }: InspectionContext, outer: AbortSignal): Promise<Part> {
  const choose = async (signal: AbortSignal) => {
    const disks = await listDisks(ports, signal);
    const { disk } = chooseRootDisk(disks, null, { parity: settings.config().defaultRootDiskParity });
    return { root_disk: toWireDisk(disk) };
  };
  try {
    return await withinBudget(ROOT_DISK_MS, choose, outer);
  } catch (error) {
    outer.throwIfAborted();
    ports.log.warn('inspect.root_disk.none', { reason: reasonOf(error) });
    if (error instanceof AgentError) return {};
    throw error;
  }
}

/** Inventory, root disk, boot NIC, managers: what every server needs. */
const standard: ReportCollector = {
  budgetMs: ({ settings, listening }) => {
    const { inspectionDhcpWaitTimeout, collectLldp } = settings.config();
    return inspectionDhcpWaitTimeout * 1000 + INVENTORY_MS + ROOT_DISK_MS + (collectLldp ? listening.longestMs : 0);
  },
  collect: async (context, names, signal, fail) => {
    const { ports, bootif, managers, settings, listening } = context;
    await waitForAddresses(context, signal);
    const { inventory, problems } = await collectInventory(ports, { bootif, skipBmc: false }, signal);
    for (const problem of problems) ports.log.warn('inspect.inventory.incomplete', { problem });
    if (inventory.interfaces.length === 0) fail('no network interface has a MAC address');
    return {
      inventory: settings.config().collectLldp ? withLldp(inventory, await listening.heard) : inventory,
      ...(await rootDisk(context, signal)),
      boot_interface: bootif,
      configuration: { collectors: names, managers: await managers(signal) },
    };
  },
};

/** The log archive; absent when it is too large to be taken, for the inventory matters more. */
const logs: ReportCollector = {
  budgetMs: () => LOGS_MS,
  collect: async ({ collectLogs, ports }, _names, signal) => {
    const archive = await collectLogs(signal);
    if (archive.byteLength <= MAX_LOG_BYTES) return { logs: Buffer.from(archive).toString('base64') };
    ports.log.warn('inspect.logs.left_out', { bytes: archive.byteLength, limit: MAX_LOG_BYTES });
    return {};
  },
};

/** What the switches say; `{}` when nothing can be received, which is no failure (inventory.md 5.1). */
const lldp: ReportCollector = {
  budgetMs: ({ listening }) => listening.longestMs + GRACE_MS,
  collect: async ({ listening }) => ({ lldp_raw: lldpRaw(await listening.heard) }),
};

/** A collector whose value becomes one key. `warns`: without it the inspection is good all the same. */
const single = (key: string, collector: Collector<HardwarePorts>, onFail: 'fails' | 'warns'): ReportCollector => ({
  budgetMs: () => collector.budgetMs + GRACE_MS,
  collect: async ({ ports }, _names, signal) => {
    const { value, problems } = await collector.run(ports, signal);
    signal.throwIfAborted();
    if (value === null && onFail === 'fails') throw new Error(problems.join('; '));
    for (const problem of problems)
      ports.log.warn('inspect.collector.incomplete', { collector: collector.name, problem });
    return value === null ? {} : { [key]: value };
  },
});

export const reportCollectors: ReadonlyMap<string, ReportCollector> = new Map([
  ['default', standard],
  ['logs', logs],
  ['lldp', lldp],
  [pciDevices.name, single('pci_devices', pciDevices, 'fails')],
  [numaTopology.name, single('numa_topology', numaTopology, 'warns')],
  [dmi.name, single('dmi', dmi, 'fails')],
  [usbDevices.name, single('usb_devices', usbDevices, 'fails')],
  ['extra-hardware', extraHardwareCollector],
]);
