import { type Static, Type } from 'typebox';
import { DiskRecord } from '../disks/index.ts';

const Text = Type.Union([Type.String(), Type.Null()]);
const WholeOrNull = Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]);

/** `lldp` is filled by others, `biosdevname` never. */
const InterfaceRecord = Type.Object({
  name: Type.String(),
  mac_address: Type.String(),
  ipv4_address: Text,
  ipv6_address: Text,
  has_carrier: Type.Boolean(),
  /** Type and value in hex of each element, with `collect_lldp` only. */
  lldp: Type.Union([Type.Array(Type.Tuple([Type.Integer(), Type.String()])), Type.Null()]),
  vendor: Text,
  product: Text,
  client_id: Text,
  biosdevname: Text,
  speed_mbps: WholeOrNull,
  pci_address: Text,
  driver: Text,
});

const CpuRecord = Type.Object({
  model_name: Type.String(),
  /** MHz as text such as `3600.0000`. */
  frequency: Type.String(),
  count: Type.Integer({ minimum: 0 }),
  architecture: Type.String(),
  flags: Type.Array(Type.String()),
  socket_count: Type.Integer({ minimum: 0 }),
});

const VendorRecord = Type.Object({
  product_name: Type.String(),
  serial_number: Type.String(),
  manufacturer: Type.String(),
  firmware: Type.Object({ vendor: Type.String(), version: Type.String(), build_date: Type.String() }),
});

const BootRecord = Type.Object({
  current_boot_mode: Type.Union([Type.Literal('uefi'), Type.Literal('bios')]),
  pxe_interface: Text,
});

/** The `inventory` object of the inspection payload, keys in the order in which they are sent (inventory 2.1). */
export const Inventory = Type.Object({
  interfaces: Type.Array(InterfaceRecord),
  cpu: CpuRecord,
  disks: Type.Array(DiskRecord),
  /** Bytes and MiB. */
  memory: Type.Object({ total: WholeOrNull, physical_mb: WholeOrNull }),
  bmc_address: Text,
  bmc_v6address: Text,
  system_vendor: VendorRecord,
  boot: BootRecord,
  hostname: Type.String(),
  bmc_mac: Type.Optional(Type.String()),
});
export type Inventory = Static<typeof Inventory>;
