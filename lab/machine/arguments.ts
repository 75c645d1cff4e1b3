import { type Accelerator, cpuModel } from '../host/index.ts';
import { diskArguments } from './disk-arguments.ts';
import type { BootSource, DmiSpec, MachineSpec } from './spec.ts';

export interface MachinePaths {
  readonly accelerator: Accelerator;
  readonly qmpSocket: string;
  readonly serialSocket: string;
  readonly serialLog: string;
  readonly firmwareCode: string;
  /** Private copy of the UEFI variables of this machine. */
  readonly firmwareVars: string;
  /** File of every disk, by its name. */
  readonly disks: Readonly<Record<string, string>>;
  /** Names of the disks in the order in which firmware shall try them. */
  readonly bootDisks: readonly string[];
}

/** A comma inside a value of a QEMU option is written twice. */
export const quoted = (value: string): string => value.replaceAll(',', ',,');

interface Order {
  readonly nics: number | null;
  readonly disks: number | null;
  readonly cd: number | null;
}

/**
 * First bootindex of each kind of device; null: the firmware shall not try it. UEFI firmware forgets the boot entries
 * of devices without an index, so there every NIC and disk has one: what differs is who comes first. A UEFI machine
 * whose disks do not boot goes on to the network, as servers do.
 */
export function bootOrder(spec: MachineSpec, boot: BootSource): Order {
  const uefi = spec.firmware === 'uefi';
  if (boot === 'kernel') return { nics: null, disks: null, cd: null };
  if (boot === 'network') return { nics: 1, disks: spec.nics.length + 1, cd: null };
  if (boot === 'cd') return { cd: 1, disks: 2, nics: uefi ? spec.disks.length + 2 : null };
  return { disks: 1, nics: uefi ? spec.disks.length + 1 : null, cd: null };
}

function firmware(spec: MachineSpec, paths: MachinePaths): readonly string[] {
  if (spec.firmware === 'bios') return [];
  const pflash = 'if=pflash,format=raw';
  return [
    ...['-drive', `${pflash},unit=0,readonly=on,file=${quoted(paths.firmwareCode)}`],
    ...['-drive', `${pflash},unit=1,file=${quoted(paths.firmwareVars)}`],
  ];
}

function nics(spec: MachineSpec, boot: BootSource, first: number | null): readonly string[] {
  return spec.nics.flatMap((nic, index) => {
    const order = first === null ? '' : `,bootindex=${first + index}`;
    // UEFI has a driver of its own; in BIOS mode the iPXE in the card's ROM boots.
    const rom = spec.firmware === 'uefi' || boot !== 'network' ? ',romfile=' : '';
    return [
      ...['-netdev', `tap,id=net${index},ifname=${nic.tap},script=no,downscript=no`],
      ...['-device', `virtio-net-pci,netdev=net${index},mac=${nic.mac}${order}${rom}`],
    ];
  });
}

function smbios(dmi: DmiSpec | undefined): readonly string[] {
  if (dmi === undefined) return [];
  const { manufacturer, product, serial, sku, uuid } = dmi;
  const facts = (pairs: Readonly<Record<string, string>>) =>
    Object.entries(pairs)
      .map(([key, value]) => `,${key}=${quoted(value)}`)
      .join('');
  return [
    ...['-smbios', `type=0${facts({ vendor: manufacturer, version: '1.0', date: '01/01/2024' })}`],
    ...['-smbios', `type=1${facts({ manufacturer, product, version: '1.0', serial, uuid, sku, family: 'lab' })}`],
    ...['-smbios', `type=2${facts({ manufacturer, product, version: '1.0', serial: `board-${serial}` })}`],
    ...['-smbios', `type=3${facts({ manufacturer, serial: `chassis-${serial}` })}`],
  ];
}

function cdrom(spec: MachineSpec, first: number | null): readonly string[] {
  if (spec.cdrom === undefined) return [];
  const order = first === null ? '' : `,bootindex=${first}`;
  return [
    ...['-drive', `if=none,id=cd,media=cdrom,readonly=on,format=raw,file=${quoted(spec.cdrom)}`],
    ...['-device', `ide-cd,drive=cd,bus=ide.5${order}`],
  ];
}

function directKernel(spec: MachineSpec, boot: BootSource): readonly string[] {
  if (boot !== 'kernel' || spec.kernel === undefined) return [];
  const { image, initramfs, append } = spec.kernel;
  return ['-kernel', image, '-initrd', initramfs, '-append', append];
}

/** The whole argument list of `qemu-system-x86_64`. The guest starts stopped: QMP lets it run. */
export function qemuArguments(spec: MachineSpec, boot: BootSource, paths: MachinePaths): readonly string[] {
  const order = bootOrder(spec, boot);
  const { accelerator } = paths;
  return [
    ...['-name', spec.name, '-machine', 'q35', '-nodefaults', '-no-user-config', '-display', 'none', '-S'],
    ...['-accel', accelerator === 'tcg' ? 'tcg,thread=multi' : accelerator, '-cpu', cpuModel[accelerator]],
    ...['-smp', String(spec.cpus), '-m', String(spec.memoryMiB), '-device', 'VGA', '-device', 'virtio-rng-pci'],
    ...['-qmp', `unix:${quoted(paths.qmpSocket)},server=on,wait=off`],
    ...['-chardev', serialChardev(paths), '-serial', 'chardev:serial'],
    ...firmware(spec, paths),
    ...smbios(spec.dmi),
    ...(spec.bmc ? ['-device', 'ipmi-bmc-sim,id=bmc', '-device', 'isa-ipmi-kcs,bmc=bmc'] : []),
    ...nics(spec, boot, order.nics),
    ...diskArguments(spec.disks, paths.disks, bootIndexes(paths.bootDisks, order.disks)),
    ...cdrom(spec, order.cd),
    ...directKernel(spec, boot),
  ];
}

const bootIndexes = (names: readonly string[], first: number | null): Readonly<Record<string, number>> =>
  first === null ? {} : Object.fromEntries(names.map((name, index) => [name, first + index]));

function serialChardev(paths: MachinePaths): string {
  const socket = `socket,id=serial,path=${quoted(paths.serialSocket)},server=on,wait=off`;
  return `${socket},logfile=${quoted(paths.serialLog)},logappend=on`;
}
