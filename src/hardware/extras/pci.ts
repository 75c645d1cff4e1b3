import { type Static, Type } from 'typebox';
import { defineCollector } from '../../core/index.ts';
import type { Files } from '../../system/index.ts';
import { mapLimited } from '../parallel.ts';
import type { HardwarePorts } from '../ports.ts';

const Text = Type.Union([Type.String(), Type.Null()]);
const PciDevice = Type.Object({
  /** Four hex digits, lower case, as the conductor's aliases are compared. */
  vendor_id: Type.String(),
  product_id: Type.String(),
  /** Six and two hex digits. */
  class: Type.String(),
  revision: Text,
  /** `0000:3b:00.0`. */
  bus: Type.String(),
  /** A number as text, `-1` where the firmware does not tell. */
  numa_node_id: Text,
});

const DIR = '/sys/bus/pci/devices';

/** `0x8086` -> `8086`, null when it is not that many hex digits. */
const hexOf = (text: string | null, digits: number): string | null =>
  new RegExp(`^(?:0x)?([0-9a-f]{${digits}})$`, 'i').exec(text ?? '')?.[1]?.toLowerCase() ?? null;

async function read(files: Files, bus: string): Promise<Static<typeof PciDevice> | null> {
  const at = (name: string) => files.textOrNull(`${DIR}/${bus}/${name}`);
  const [vendor, device, kind, revision, numa] = await Promise.all([
    at('vendor'),
    at('device'),
    at('class'),
    at('revision'),
    at('numa_node'),
  ]);
  const [vendorId, productId, classId] = [hexOf(vendor, 4), hexOf(device, 4), hexOf(kind, 6)];
  if (vendorId === null || productId === null || classId === null) return null;
  return {
    vendor_id: vendorId,
    product_id: productId,
    class: classId,
    revision: hexOf(revision, 2),
    bus,
    numa_node_id: numa,
  };
}

/** `pci_devices` of the inspection report (inventory.md 5.2), by address; a device with unreadable ids is left out. */
export const pciDevices = defineCollector({
  name: 'pci-devices',
  doc: 'Ids, class and NUMA node of every PCI device.',
  budgetMs: 15_000,
  schema: Type.Union([Type.Array(PciDevice), Type.Null()]),
  fallback: null,
  async collect({ files }: HardwarePorts, _signal, note) {
    if ((await files.kind(DIR)) !== 'dir') throw new Error(`${DIR} is absent: this machine has no PCI bus`);
    const all = await files.list(DIR);
    const devices = (await mapLimited(all, 16, (bus) => read(files, bus))).filter((device) => device !== null);
    if (devices.length < all.length) note(`${all.length - devices.length} devices have unreadable ids`);
    return devices;
  },
});
