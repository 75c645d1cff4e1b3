import { type Collector, parse } from '../../core/index.ts';
import type { HardwarePorts } from '../ports.ts';
import { type BmcPorts, bmc } from './bmc.ts';
import { type BootPorts, boot, hostname } from './boot.ts';
import { cpu } from './cpu.ts';
import { disks } from './disks.ts';
import { memory } from './memory.ts';
import { interfaces } from './nics.ts';
import { Inventory } from './schema.ts';
import { systemVendor } from './vendor.ts';

export type InventoryPorts = HardwarePorts & BootPorts & BmcPorts;

/** Keys in the order in which they are sent. */
export const inventoryCollectors = {
  interfaces,
  cpu,
  disks,
  memory,
  bmc,
  system_vendor: systemVendor,
  boot,
  hostname,
} as const;

export interface InventoryOptions {
  /** BOOTIF of the kernel command line. */
  readonly bootif: string | null;
  readonly skipBmc: boolean;
}
export interface InventoryResult {
  readonly inventory: Inventory;
  /** `<collector>: <reason>`; the inventory is complete in shape whatever failed. */
  readonly problems: readonly string[];
}

/** Runs all collectors at once, each within its budget. */
export async function collectInventory(
  ports: HardwarePorts,
  options: InventoryOptions,
  signal: AbortSignal,
): Promise<InventoryResult> {
  const all: InventoryPorts = { ...ports, ...options };
  const collectors: readonly Collector<InventoryPorts>[] = Object.values(inventoryCollectors);
  const results = await Promise.all(
    collectors.map(async (collector) => {
      const started = ports.clock.monotonic();
      const outcome = await collector.run(all, signal);
      ports.log.debug('inventory.part', {
        part: collector.name,
        ms: Math.round(ports.clock.monotonic() - started),
        problems: outcome.problems,
      });
      return { name: collector.name, ...outcome };
    }),
  );
  signal.throwIfAborted();
  const { bmc: lan, ...rest } = Object.fromEntries(results.map(({ name, value }) => [name, value]));
  const merged: Record<string, unknown> = { ...rest, ...Object(lan) };
  const keys = Object.keys(Inventory.properties).filter((key) => merged[key] !== undefined);
  const inventory = Object.fromEntries(keys.map((key) => [key, merged[key]]));
  return {
    inventory: parse(Inventory, inventory, 'inventory'),
    problems: results.flatMap(({ name, problems }) => problems.map((problem) => `${name}: ${problem}`)),
  };
}
