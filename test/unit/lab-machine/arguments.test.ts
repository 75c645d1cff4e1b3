import { describe, expect, it } from 'vitest';
import { type DiskSpec, type MachineSpec, qemuArguments } from '../../../lab/machine/index.ts';

const disk = (extra: Partial<DiskSpec> = {}): DiskSpec => ({
  ...{ name: 'root', bus: 'virtio', sizeMiB: 64, serial: 'S1' },
  ...extra,
});

const machine = (extra: Partial<MachineSpec> = {}): MachineSpec => ({
  ...{ name: 'node-1', firmware: 'bios', cpus: 2, memoryMiB: 512, disks: [disk()], nics: [], bmc: false },
  ...extra,
});

const paths = {
  accelerator: 'tcg' as const,
  qmpSocket: '/run/qmp',
  serialSocket: '/run/serial',
  serialLog: '/log/serial.log',
  firmwareCode: '/fw/code.fd',
  firmwareVars: '/vm/vars.fd',
  disks: { root: '/vm/root.raw', data: '/vm/data.raw' },
  bootDisks: ['root', 'data'],
};

const nics = [
  { mac: '52:54:00:00:00:01', tap: 'tap0' },
  { mac: '52:54:00:00:00:02', tap: 'tap1' },
];

/** Values of every use of one option. */
const valuesOf = (args: readonly string[], option: string) =>
  args.flatMap((value, index) => (args[index - 1] === option ? [value] : []));

const devices = (spec: MachineSpec, boot: 'network' | 'disk' | 'cd' | 'kernel' = 'disk') =>
  valuesOf(qemuArguments(spec, boot, paths), '-device');

describe('arguments of QEMU', () => {
  it('describe a whole small machine', () => {
    expect(qemuArguments(machine(), 'disk', paths).join(' ')).toBe(
      '-name node-1 -machine q35 -nodefaults -no-user-config -display none -S -accel tcg,thread=multi -cpu max -smp 2 ' +
        '-m 512 -device VGA -device virtio-rng-pci -qmp unix:/run/qmp,server=on,wait=off -chardev ' +
        'socket,id=serial,path=/run/serial,server=on,wait=off,logfile=/log/serial.log,logappend=on -serial chardev:serial ' +
        '-drive if=none,id=disk-root,format=raw,cache=unsafe,discard=unmap,file=/vm/root.raw ' +
        '-device virtio-blk-pci,drive=disk-root,serial=S1,bootindex=1',
    );
  });

  it.each<[DiskSpec['bus'], string]>([
    ['virtio', 'virtio-blk-pci,drive=disk-root,serial=S1,bootindex=1'],
    ['nvme', 'nvme,drive=disk-root,serial=S1,bootindex=1'],
    ['sata', 'ide-hd,bus=ide.0,drive=disk-root,serial=S1,bootindex=1'],
    ['scsi', 'scsi-hd,bus=scsi.0,scsi-id=0,drive=disk-root,serial=S1,bootindex=1'],
    ['usb', 'usb-storage,bus=usb.0,drive=disk-root,serial=S1,bootindex=1'],
  ])('attach a %s disk', (bus, expected) => {
    expect(devices(machine({ disks: [disk({ bus })] })).at(-1)).toBe(expected);
  });

  it('add one controller for several disks of a bus and number the disks on it', () => {
    const disks = [disk({ bus: 'scsi', wwn: '0x5000C50000000001' }), disk({ bus: 'scsi', name: 'data', serial: 'S2' })];
    expect(devices(machine({ disks })).slice(-3)).toEqual([
      'virtio-scsi-pci,id=scsi',
      'scsi-hd,bus=scsi.0,scsi-id=0,wwn=0x5000c50000000001,drive=disk-root,serial=S1,bootindex=1',
      'scsi-hd,bus=scsi.0,scsi-id=1,drive=disk-data,serial=S2,bootindex=2',
    ]);
  });

  it('attach one disk twice, the second time not to boot from', () => {
    const disks = [disk({ bus: 'scsi', wwn: '5000c50000000001', paths: 2 })];
    const argv = qemuArguments(machine({ disks }), 'disk', paths);
    expect(argv.filter((one) => one.startsWith('if=none')).every((one) => one.endsWith(',file.locking=off'))).toBe(
      true,
    );
    expect(devices(machine({ disks })).slice(-2)).toEqual([
      'scsi-hd,bus=scsi.0,scsi-id=0,wwn=0x5000c50000000001,drive=disk-root,serial=S1,share-rw=on,bootindex=1',
      'scsi-hd,bus=scsi.0,scsi-id=1,wwn=0x5000c50000000001,drive=disk-root-1,serial=S1,share-rw=on',
    ]);
  });

  it('give large sectors', () => {
    const disks = [disk({ bus: 'nvme', sectorBytes: 4096 })];
    expect(devices(machine({ disks })).at(-1)).toContain(',logical_block_size=4096,physical_block_size=4096');
  });

  it.each<[MachineSpec['firmware'], 'network' | 'disk' | 'cd', readonly string[]]>([
    ['bios', 'network', ['net0 1', 'net1 2', 'disk-root 3']],
    ['bios', 'disk', ['disk-root 1']],
    ['bios', 'cd', ['disk-root 2', 'cd 1']],
    ['uefi', 'network', ['net0 1', 'net1 2', 'disk-root 3']],
    ['uefi', 'disk', ['net0 2', 'net1 3', 'disk-root 1']],
    ['uefi', 'cd', ['net0 3', 'net1 4', 'disk-root 2', 'cd 1']],
  ])('order the boot devices of %s for %s', (firmware, boot, expected) => {
    const order = devices(machine({ firmware, nics, cdrom: '/iso' }), boot).flatMap((device) => {
      const index = /bootindex=(\d+)/.exec(device)?.[1];
      const name = /(?:netdev|drive)=([^,]+)/.exec(device)?.[1];
      return index === undefined ? [] : [`${name} ${index}`];
    });
    expect(order).toEqual(expected);
  });

  it('follow the given order of the disks', () => {
    const spec = machine({ disks: [disk({ name: 'data' }), disk()] });
    const args = valuesOf(qemuArguments(spec, 'disk', paths), '-device');
    expect(args.slice(-2).map((device) => /drive=.*/.exec(device)?.[0])).toEqual([
      'drive=disk-data,serial=S1,bootindex=2',
      'drive=disk-root,serial=S1,bootindex=1',
    ]);
  });

  it.each([
    ['bios', 'network', false],
    ['bios', 'disk', true],
    ['uefi', 'network', true],
    ['uefi', 'disk', true],
  ] as const)('in %s mode booting from %s switch the ROM of the NICs off: %s', (firmware, boot, off) => {
    const nic = devices(machine({ firmware, nics }), boot).find((device) => device.startsWith('virtio-net'));
    expect(nic?.includes(',romfile=')).toBe(off);
  });

  it('give UEFI its firmware and a private store of variables', () => {
    expect(valuesOf(qemuArguments(machine({ firmware: 'uefi' }), 'disk', paths), '-drive').slice(0, 2)).toEqual([
      'if=pflash,format=raw,unit=0,readonly=on,file=/fw/code.fd',
      'if=pflash,format=raw,unit=1,file=/vm/vars.fd',
    ]);
  });

  it('double the commas of what a user typed', () => {
    const dmi = { manufacturer: 'Acme, Inc.', product: 'P', serial: 'SN', sku: 'K', uuid: 'U' };
    expect(valuesOf(qemuArguments(machine({ dmi }), 'disk', paths), '-smbios')[1]).toBe(
      'type=1,manufacturer=Acme,, Inc.,product=P,version=1.0,serial=SN,uuid=U,sku=K,family=lab',
    );
  });

  it('add a BMC, a CD and a kernel only when asked', () => {
    const kernel = { image: '/k', initramfs: '/i', append: 'console=ttyS0' };
    const spec = machine({ bmc: true, cdrom: '/a,b.iso', kernel });
    expect(devices(spec)).toEqual(
      expect.arrayContaining(['ipmi-bmc-sim,id=bmc', 'isa-ipmi-kcs,bmc=bmc', 'ide-cd,drive=cd,bus=ide.5']),
    );
    expect(qemuArguments(spec, 'disk', paths)).not.toContain('-kernel');
    expect(qemuArguments(spec, 'kernel', paths).slice(-6)).toEqual([
      '-kernel',
      '/k',
      '-initrd',
      '/i',
      '-append',
      'console=ttyS0',
    ]);
    expect(qemuArguments(spec, 'disk', paths).join(' ')).toContain('file=/a,,b.iso');
  });
});
