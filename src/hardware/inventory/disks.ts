import { defineCollector } from '../../core/index.ts';
import { listDisks, toWireDisk } from '../disks/index.ts';
import type { HardwarePorts } from '../ports.ts';
import { Inventory } from './schema.ts';

export const disks = defineCollector({
  name: 'disks',
  doc: 'Disks, RAID volumes and multipath maps in kernel order.',
  budgetMs: 60_000,
  schema: Inventory.properties.disks,
  fallback: [],
  collect: async (ports: HardwarePorts, signal) => (await listDisks(ports, signal)).map(toWireDisk),
});
