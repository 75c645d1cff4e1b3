import { InvalidMachine } from './errors.ts';
import type { DiskBus, DiskSpec } from './spec.ts';

const doubled = (value: string) => value.replaceAll(',', ',,');

/** Controllers that the chip set lacks, added once when a disk needs them. */
const controllers: Readonly<Record<DiskBus, readonly string[]>> = {
  virtio: [],
  nvme: [],
  sata: [],
  scsi: ['-device', 'virtio-scsi-pci,id=scsi'],
  usb: ['-device', 'qemu-xhci,id=usb'],
};

/** Position of a disk among those on its bus. */
type DeviceOf = (disk: DiskSpec, position: number) => string;

const wwn = (disk: DiskSpec) => (disk.wwn === undefined ? '' : `,wwn=0x${disk.wwn.replace(/^0x/i, '').toLowerCase()}`);

const devices: Readonly<Record<DiskBus, DeviceOf>> = {
  virtio: () => 'virtio-blk-pci',
  nvme: () => 'nvme',
  sata: (disk, position) => `ide-hd,bus=ide.${position}${wwn(disk)}`,
  scsi: (disk, position) => `scsi-hd,bus=scsi.0,scsi-id=${position}${wwn(disk)}`,
  usb: () => 'usb-storage,bus=usb.0',
};

const sectors = (disk: DiskSpec) =>
  disk.sectorBytes === 4096 ? ',logical_block_size=4096,physical_block_size=4096' : '';

/**
 * Drives and devices of all disks. Data need not outlive the host, only the emulator: hence `cache=unsafe`.
 * Discards reach the file, so that a guest really reads zeroes after them.
 */
export function diskArguments(
  disks: readonly DiskSpec[],
  files: Readonly<Record<string, string>>,
  bootIndexes: Readonly<Record<string, number>>,
): readonly string[] {
  const buses = [...new Set(disks.map((disk) => disk.bus))];
  const all = disks.flatMap((disk) => Array.from({ length: disk.paths ?? 1 }, (_none, path) => ({ disk, path })));
  const drives = all.flatMap(({ disk, path }, index) => {
    const file = files[disk.name];
    if (file === undefined) throw InvalidMachine(`disk ${disk.name} has no file`);
    const position = all.slice(0, index).filter((other) => other.disk.bus === disk.bus).length;
    const id = path === 0 ? `disk-${disk.name}` : `disk-${disk.name}-${path}`;
    const place = path === 0 ? bootIndexes[disk.name] : undefined;
    const [unlocked, shared] = disk.paths === undefined ? ['', ''] : [',file.locking=off', ',share-rw=on'];
    const boot = place === undefined ? '' : `,bootindex=${place}`;
    const drive = `if=none,id=${id},format=${disk.format ?? 'raw'},cache=unsafe,discard=unmap,file=${doubled(file)}${unlocked}`;
    const device = `${devices[disk.bus](disk, position)},drive=${id},serial=${disk.serial}${shared}${sectors(disk)}${boot}`;
    return ['-drive', drive, '-device', device];
  });
  return [...buses.flatMap((bus) => controllers[bus]), ...drives];
}
