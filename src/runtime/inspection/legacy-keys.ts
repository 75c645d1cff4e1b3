import { Type } from 'typebox';
import { fits, GiB } from '../../core/index.ts';
import type { Inventory } from '../../hardware/index.ts';
import type { Part } from './context.ts';

const WithRoot = Type.Object({ root_disk: Type.Object({ size: Type.Integer({ minimum: 0 }) }) });

const isSet = <T>(value: T | null): value is T => value !== null;

/** No more than is known: the servers of that time take a BMC without address for one that others have, too. */
const bmcOf = ({ bmc_address: address }: Inventory) => (address === '0.0.0.0' ? null : address);

/**
 * The keys that ironic-discoverd and the first releases of ironic-inspector read, beside the inventory they do not know
 * (protocol.md 13.7, inventory.md 7). `memory_mb` is in MiB, `local_gb` in GiB less the one that was kept for partition
 * tables; what is not known is left out. `macs` is what discoverd read before it knew `interfaces`.
 */
export function legacyKeys(inventory: Inventory, report: Part): Part {
  const { interfaces, cpu, memory, disks } = inventory;
  return {
    cpus: cpu.count,
    cpu_arch: cpu.architecture,
    ...(memory.physical_mb === null ? {} : { memory_mb: memory.physical_mb }),
    ...(fits(WithRoot, report) ? { local_gb: Math.max(0, Math.floor(report.root_disk.size / GiB) - 1) } : {}),
    interfaces: Object.fromEntries(interfaces.map((nic) => [nic.name, { mac: nic.mac_address, ip: nic.ipv4_address }])),
    macs: interfaces.map((nic) => nic.mac_address),
    ipmi_address: bmcOf(inventory),
    block_devices: { serials: disks.map((disk) => disk.serial).filter(isSet) },
  };
}
