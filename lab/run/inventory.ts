import { Type } from 'typebox';
import { fits } from '../../src/core/index.ts';
import type { Inventory } from '../scenario/index.ts';

const Text = Type.Optional(Type.Union([Type.String(), Type.Null()]));
const Count = Type.Optional(Type.Union([Type.Number(), Type.Null()]));

/** The keys of inspection data that the summary shows; all of them may be missing. */
const InspectionData = Type.Object({
  inventory: Type.Object({
    cpu: Type.Optional(Type.Object({ model_name: Text, count: Count, architecture: Text })),
    memory: Type.Optional(Type.Object({ physical_mb: Count, total: Count })),
    boot: Type.Optional(Type.Object({ current_boot_mode: Text })),
    system_vendor: Type.Optional(Type.Object({ manufacturer: Text, product_name: Text, serial_number: Text })),
    bmc_address: Text,
    disks: Type.Optional(Type.Array(Type.Object({ name: Type.String(), size: Count, model: Text, serial: Text }))),
    interfaces: Type.Optional(Type.Array(Type.Object({ name: Type.String(), mac_address: Text, ipv4_address: Text }))),
  }),
});

const MIB = 2 ** 20;
/** What an agent sends when its controller has no address. */
const NO_BMC = '0.0.0.0';
const words = (...parts: readonly (string | null | undefined)[]) => parts.filter((part) => part).join(' ');

/** What the summary says about the hardware; null when the data have another shape. */
export function readInventory(data: unknown): Inventory | null {
  if (!fits(InspectionData, data)) return null;
  const { cpu, memory, boot, system_vendor: vendor, bmc_address, disks, interfaces } = data.inventory;
  return {
    cpu: words(cpu?.count === undefined ? null : `${cpu.count} x`, cpu?.model_name ?? cpu?.architecture),
    memoryMiB: memory?.physical_mb ?? Math.round((memory?.total ?? 0) / MIB),
    bootMode: boot?.current_boot_mode ?? 'unknown',
    vendor: words(vendor?.manufacturer, vendor?.product_name, vendor?.serial_number),
    bmcAddress: bmc_address === NO_BMC ? null : (bmc_address ?? null),
    disks: (disks ?? []).map((disk) => ({
      name: disk.name,
      size: disk.size ?? 0,
      model: disk.model ?? null,
      serial: disk.serial ?? null,
    })),
    nics: (interfaces ?? []).map((nic) => ({
      name: nic.name,
      mac: nic.mac_address ?? '',
      address: nic.ipv4_address ?? null,
    })),
  };
}
