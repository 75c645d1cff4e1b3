import { type Static, Type } from 'typebox';

/** `multipath`: a SCSI disk behind two cables. */
export const DISK_BUSES = ['virtio', 'nvme', 'sata', 'scsi', 'usb', 'multipath'] as const;
export type DiskBus = (typeof DISK_BUSES)[number];

export const DiskSpec = Type.Object({
  bus: Type.Union(DISK_BUSES.map((bus) => Type.Literal(bus))),
  sizeMiB: Type.Integer({ minimum: 1 }),
  serial: Type.String(),
});
export type DiskSpec = Static<typeof DiskSpec>;

/** An image ready to be served: a local file with its digest. */
export const ImageSpec = Type.Object({
  path: Type.String(),
  format: Type.String(),
  sha256: Type.String(),
  fileSize: Type.Integer(),
  virtualSize: Type.Integer(),
  /** The line of the serial console that proves the boot: a plain text for our own image, else a regular expression. */
  expect: Type.String(),
  /** A root file system alone, which the agent puts into a partition of its making. */
  partition: Type.Boolean(),
  /** Our own image says who it is and what its config drive says. */
  ours: Type.Boolean(),
  source: Type.String(),
});
export type ImageSpec = Static<typeof ImageSpec>;

/** Everything the part of the lab in the private network needs to know. */
export const LabSpec = Type.Object({
  workDir: Type.String(),
  cacheDir: Type.String(),
  firmware: Type.Union([Type.Literal('bios'), Type.Literal('uefi')]),
  memoryMiB: Type.Integer({ minimum: 512 }),
  disks: Type.Array(DiskSpec, { minItems: 1 }),
  kernel: Type.String(),
  initramfs: Type.String(),
  image: ImageSpec,
  hints: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
  /** Minor number of the API version that the embedded conductor offers. */
  apiVersion: Type.Integer({ minimum: 31 }),
  conductor: Type.Union([Type.Literal('embedded'), Type.Literal('ironic')]),
  /** A real ironic-inspector inspects; only under the real Ironic. */
  inspector: Type.Boolean(),
  /** After the deployment: rescue, log in, unrescue; only under the real Ironic. */
  rescue: Type.Boolean(),
  fastTrack: Type.Boolean(),
  until: Type.Union([Type.Literal('inspect'), Type.Literal('clean'), Type.Literal('deploy')]),
  /** Between cleaning and deployment the agent is killed; only under the real Ironic with fast track. */
  killAgent: Type.Boolean(),
  /** The embedded conductor locks the agent instead of powering it off. */
  disablePowerOff: Type.Boolean(),
  keep: Type.Boolean(),
  instance: Type.Object({ hostname: Type.String(), uuid: Type.String(), userData: Type.String() }),
  bootTimeoutMs: Type.Integer(),
  debug: Type.Boolean(),
});
export type LabSpec = Static<typeof LabSpec>;
