import type { Accelerator } from '../host/index.ts';
import { InvalidMachine } from './errors.ts';

export type DiskBus = 'virtio' | 'nvme' | 'sata' | 'scsi' | 'usb';
export type BootSource = 'network' | 'disk' | 'cd' | 'kernel';

export interface DiskSpec {
  readonly name: string;
  readonly bus: DiskBus;
  /** Size of the blank disk that is made; ignored with `path`. */
  readonly sizeMiB: number;
  readonly serial: string;
  /** 16 hexadecimal digits with or without 0x; SATA and SCSI only. */
  readonly wwn?: string;
  /** By how many cables the machine sees it (default 1); SCSI with a wwn only. */
  readonly paths?: number;
  /** Default 512. */
  readonly sectorBytes?: 512 | 4096;
  /** An existing file, used in place and never deleted. */
  readonly path?: string;
  /** Format of `path`; default raw. */
  readonly format?: 'raw' | 'qcow2';
}

export interface NicSpec {
  readonly mac: string;
  readonly tap: string;
}

export interface DmiSpec {
  readonly manufacturer: string;
  readonly product: string;
  readonly serial: string;
  readonly sku: string;
  readonly uuid: string;
}

/** A kernel that QEMU loads itself, without firmware or network: for quick tests of a ramdisk. */
export interface KernelSpec {
  readonly image: string;
  readonly initramfs: string;
  readonly append: string;
}

export interface MachineSpec {
  readonly name: string;
  readonly firmware: 'bios' | 'uefi';
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly disks: readonly DiskSpec[];
  readonly nics: readonly NicSpec[];
  /** An IPMI controller that the system itself sees (KCS). */
  readonly bmc: boolean;
  readonly dmi?: DmiSpec;
  /** ISO file in the machine's CD drive. */
  readonly cdrom?: string;
  readonly kernel?: KernelSpec;
}

export interface Placement {
  readonly accelerator: Accelerator;
}

/** SATA ports of the chip set, one of them kept for the CD drive. */
const SATA_DISKS = 5;
const SERIAL_LENGTH = 20;

function diskProblems(disk: DiskSpec): readonly string[] {
  const at = `disk ${disk.name}`;
  const large = disk.sectorBytes === 4096;
  return [
    ...(/^[a-z0-9][a-z0-9-]*$/.test(disk.name) ? [] : [`${at}: a name is lower case letters, digits and dashes`]),
    ...(disk.serial.length <= SERIAL_LENGTH ? [] : [`${at}: the serial has more than ${SERIAL_LENGTH} characters`]),
    ...(/^[\w.-]*$/.test(disk.serial) ? [] : [`${at}: the serial has characters other than letters, digits, . _ -`]),
    ...(large && (disk.bus === 'sata' || disk.bus === 'usb')
      ? [`${at}: ${disk.bus} has sectors of 512 bytes only`]
      : []),
    ...(disk.wwn !== undefined && disk.bus !== 'sata' && disk.bus !== 'scsi'
      ? [`${at}: ${disk.bus} takes no wwn`]
      : []),
    ...((disk.paths ?? 1) === 1 || (disk.bus === 'scsi' && disk.wwn !== undefined)
      ? []
      : [`${at}: only a scsi disk with a wwn has several paths`]),
    ...(disk.wwn === undefined || /^(0x)?[0-9a-f]{16}$/i.test(disk.wwn) ? [] : [`${at}: wwn is not 16 hex digits`]),
    ...(disk.path === undefined && !(disk.sizeMiB > 0) ? [`${at}: the size must be positive`] : []),
  ];
}

function nicProblems(nic: NicSpec): readonly string[] {
  return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(nic.mac) ? [] : [`nic ${nic.tap}: ${nic.mac} is not a MAC address`];
}

const repeated = (values: readonly string[]) => values.filter((value, index) => values.indexOf(value) !== index);

/** What the emulator cannot do, as sentences; empty when the machine can be built. */
export function machineProblems(spec: MachineSpec): readonly string[] {
  const sata = spec.disks.filter((disk) => disk.bus === 'sata').length;
  return [
    ...(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(spec.name) ? [] : [`${spec.name} is not a machine name`]),
    ...(Number.isInteger(spec.cpus) && spec.cpus > 0 ? [] : ['cpus must be a positive whole number']),
    ...(spec.memoryMiB >= 64 ? [] : ['memory must be at least 64 MiB']),
    ...(sata <= SATA_DISKS ? [] : [`${sata} SATA disks, the chip set has room for ${SATA_DISKS}`]),
    ...repeated(spec.disks.map((disk) => disk.name)).map((name) => `two disks are called ${name}`),
    ...repeated(spec.nics.map((nic) => nic.tap)).map((tap) => `two NICs use ${tap}`),
    ...repeated(spec.nics.map((nic) => nic.mac.toLowerCase())).map((mac) => `two NICs have MAC ${mac}`),
    ...spec.disks.flatMap(diskProblems),
    ...spec.nics.flatMap(nicProblems),
  ];
}

/** @throws InvalidMachine with every problem */
export function requireMachine(spec: MachineSpec): void {
  const problems = machineProblems(spec);
  if (problems.length > 0) throw InvalidMachine(`${spec.name}: ${problems.join('; ')}`);
}

/** Refuses a boot source that the machine does not have. */
export function requireBootSource(spec: MachineSpec, boot: BootSource): void {
  const absent =
    (boot === 'network' && spec.nics.length === 0) ||
    (boot === 'disk' && spec.disks.length === 0) ||
    (boot === 'cd' && spec.cdrom === undefined) ||
    (boot === 'kernel' && spec.kernel === undefined);
  if (absent) throw InvalidMachine(`${spec.name} has no ${boot} to boot from`);
}
