import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../../src/core/index.ts';
import {
  DeviceNotFound,
  findRootDisk,
  listDisks,
  toWireDisk,
  waitForRootDisk,
} from '../../../../src/hardware/index.ts';
import { createFakeClock } from '../../../kit/fake-clock.ts';
import { type Entries, memoryFiles } from '../../../kit/memory-files.ts';
import { type RecordedCall, recordedTools } from '../../../kit/recorded-tools.ts';

const LSBLK = 'lsblk -bia --json -oKNAME,MODEL,SIZE,ROTA,TYPE,UUID,PARTUUID,SERIAL,WWN,LOG-SEC,PHY-SEC,TRAN'.split(' ');
const row = (kname: string, type: string | null, more: Readonly<Record<string, unknown>> = {}) => ({
  kname,
  type,
  size: 480103981056,
  model: null,
  rota: true,
  uuid: null,
  partuuid: null,
  serial: null,
  wwn: null,
  'log-sec': 512,
  'phy-sec': 512,
  tran: null,
  ...more,
});
const listing = (...rows: readonly object[]): readonly RecordedCall[] => [
  { argv: ['udevadm', 'settle', '--timeout=30'] },
  { argv: LSBLK, out: JSON.stringify({ blockdevices: rows }) },
];
const portsOf = (calls: readonly RecordedCall[], entries: Entries = {}) => ({
  tools: recordedTools(calls),
  files: memoryFiles(entries),
  clock: createFakeClock({ auto: true }),
  log: silentLog,
});
const names = async (calls: readonly RecordedCall[], entries?: Entries) =>
  (await listDisks(portsOf(calls, entries))).map((disk) => disk.kname);

describe('listDisks', () => {
  it('keeps disks, RAID volumes and multipath maps, once each', async () => {
    const rows = ['fd0', 'ram0', 'zram0'].map((name) => row(name, 'disk'));
    const kept = [row('sda', 'disk'), row('md127', 'raid1'), row('md127', 'raid1'), row('dm-3', 'dmraid')];
    const others = ['part', 'rom', 'loop', 'lvm', 'crypt', 'dm', 'linear', 'md', null].map((type, at) =>
      row(`x${at}`, type),
    );
    const sizeless = [row('sdb', 'disk', { size: 0 }), row('sdc', 'disk', { size: null })];
    expect(await names(listing(...rows, ...kept, ...others, ...sizeless))).toEqual(['sda', 'md127', 'dm-3']);
  });

  it('reads text and typed values alike', async () => {
    const text = { size: '480103981056', rota: '1', 'log-sec': '512', 'phy-sec': '4096' };
    const typed = { size: 480103981056, rota: true, 'log-sec': 512, 'phy-sec': 4096 };
    const [old] = await listDisks(portsOf(listing(row('sda', 'disk', text))));
    const [fresh] = await listDisks(portsOf(listing(row('sda', 'disk', typed))));
    expect(old).toEqual(fresh);
    expect(old).toMatchObject({ rotational: true, size: 480103981056, physicalSectorBytes: 4096 });
  });

  it('hides the paths of a multipath map, whose identity udev tells', async () => {
    const entries = {
      '/sys/class/block/sda/holders/dm-0': {},
      '/sys/class/block/sdb/holders/dm-0': {},
      '/sys/class/block/sdc/holders/dm-1': {},
      '/sys/class/block/dm-0/dm/uuid': 'mpath-36000c500aabbcc99\n',
      '/sys/class/block/dm-0/dev': '253:0\n',
      '/sys/class/block/dm-1/dm/uuid': 'LVM-abc\n',
      '/run/udev/data/b253:0': 'E:DM_WWN=0x6000c500aabbcc99\nE:DM_SERIAL=36000c500aabbcc99\n',
    };
    const rows = listing(
      row('sda', 'disk'),
      row('dm-0', 'mpath'),
      row('sdb', 'disk'),
      row('dm-0', 'mpath'),
      row('sdc', 'disk'),
    );
    const disks = await listDisks(portsOf(rows, entries));
    expect(disks.map((disk) => disk.kname)).toEqual(['dm-0', 'sdc']);
    expect(disks[0]).toMatchObject({
      wwn: '0x6000c500aabbcc99',
      serial: '36000c500aabbcc99',
      vendor: null,
      hctl: null,
    });
  });

  it('prefers lsblk over udev and keeps all values for hints', async () => {
    const entries = {
      '/sys/class/block/sda/dev': '8:0',
      '/run/udev/data/b8:0': [
        'S:disk/by-path/pci-0000:00:17.0-ata-1',
        'S:disk/by-path/pci-0000:00:17.0-ata-1.0',
        'E:ID_PATH=pci-0000:00:17.0-ata-1.0',
        'E:ID_SERIAL=MODEL_S1',
        'E:ID_SERIAL_SHORT=S1',
        'E:ID_WWN=0x600508b1001c1234',
        'E:ID_WWN_WITH_EXTENSION=0x600508b1001c123456789abcdef01234',
        'E:ID_WWN_VENDOR_EXTENSION=0x56789abcdef01234',
      ].join('\n'),
    };
    const rows = listing(
      row('sda', 'disk', { serial: 'S-lsblk', wwn: '0x600508b1001c123456789abcdef01234', tran: '' }),
    );
    const [disk] = await listDisks(portsOf(rows, entries));
    expect(disk).toMatchObject({
      serial: 'S-lsblk',
      allSerials: ['S-lsblk', 'S1', 'MODEL_S1'],
      allWwns: ['0x600508b1001c123456789abcdef01234', '0x600508b1001c1234'],
      byPath: '/dev/disk/by-path/pci-0000:00:17.0-ata-1.0',
      wwnVendorExtension: '0x56789abcdef01234',
      tran: null,
    });
  });

  it('takes only the label of the whole device, not of a partition', async () => {
    const entries = {
      '/sys/class/block/sda/dev': '8:0',
      '/sys/class/block/sda/sda1/partition': '1',
      '/sys/class/block/sda1/dev': '8:1',
      '/sys/class/block/sdb/dev': '8:16',
      '/run/udev/data/b8:1': 'E:ID_FS_LABEL=ir-vfd-dev\n',
      '/run/udev/data/b8:16': 'E:ID_FS_LABEL=IR-VFD-DEV\n',
    };
    const disks = await listDisks(portsOf(listing(row('sda', 'disk'), row('sdb', 'disk')), entries));
    expect(disks.map((disk) => disk.label)).toEqual([null, 'IR-VFD-DEV']);
  });

  it('falls back to udev when lsblk knows no identity', async () => {
    const entries = {
      '/sys/class/block/sda/dev': '8:0',
      '/run/udev/data/b8:0': 'E:ID_SERIAL=MODEL_S1\nE:ID_WWN=0x5000\n',
    };
    const [disk] = await listDisks(portsOf(listing(row('sda', 'disk', { serial: ' ' })), entries));
    expect(disk === undefined ? null : toWireDisk(disk)).toMatchObject({ serial: 'MODEL_S1', wwn: '0x5000' });
  });

  it.each<readonly [string, Entries, boolean]>([
    ['a running array on the disk', { '/sys/class/block/sda/holders/md0': {} }, true],
    [
      'a running array on a partition',
      { '/sys/class/block/sda/sda1/partition': '1', '/sys/class/block/sda1/holders/md0': {} },
      true,
    ],
    [
      'a stopped array',
      { '/sys/class/block/sda/dev': '8:0', '/run/udev/data/b8:0': 'E:ID_FS_TYPE=linux_raid_member\n' },
      true,
    ],
    ['LVM', { '/sys/class/block/sda/holders/dm-0': {} }, false],
  ])('knows RAID members: %s', async (_name, entries, expected) => {
    const [disk] = await listDisks(portsOf(listing(row('sda', 'disk')), entries));
    expect(disk?.raidMember).toBe(expected);
  });

  it('lists although udev does not answer, and says so when lsblk fails', async () => {
    expect(
      await names([{ argv: ['udevadm', 'settle', '--timeout=30'], exit: 1 }, ...listing(row('sda', 'disk')).slice(1)]),
    ).toEqual(['sda']);
    await expect(
      listDisks(portsOf([...listing().slice(0, 1), { argv: LSBLK, exit: 64, err: 'boom' }])),
    ).rejects.toMatchObject({
      type: 'BlockDeviceError',
      details: expect.stringContaining('boom'),
    });
  });
});

describe('waitForRootDisk', () => {
  const nothing = listing();
  const late = listing(row('sda', 'disk'));

  it('takes a disk that appears late', async () => {
    const ports = portsOf([...nothing, ...nothing, ...late]);
    const found = await waitForRootDisk(ports, null, { attempts: 10, delayMs: 3000, parity: false });
    expect(found?.disk.path).toBe('/dev/sda');
    expect(ports.clock.sleeps).toEqual([3000, 3000]);
  });

  it('gives up without an error and does not sleep after the last look', async () => {
    const ports = portsOf([...nothing, ...nothing]);
    expect(await waitForRootDisk(ports, null, { attempts: 2, delayMs: 3000, parity: false })).toBeNull();
    expect(ports.clock.sleeps).toEqual([3000]);
  });

  it('waits for the disk that the hints want', async () => {
    const node = { properties: { root_device: { serial: 'WANTED' } } };
    const ports = portsOf([...late, ...listing(row('sda', 'disk'), row('sdb', 'disk', { serial: 'wanted' }))]);
    expect((await waitForRootDisk(ports, node, { attempts: 3, delayMs: 1, parity: false }))?.disk.path).toBe(
      '/dev/sdb',
    );
  });

  it('does nothing at all with 0 attempts', async () => {
    const ports = portsOf([]);
    expect(await waitForRootDisk(ports, null, { attempts: 0, delayMs: 1, parity: false })).toBeNull();
    expect(ports.tools.asked).toEqual([]);
  });

  it('survives a listing that fails once', async () => {
    const ports = portsOf([...nothing.slice(0, 1), { argv: LSBLK, exit: 1 }, ...late]);
    expect((await waitForRootDisk(ports, null, { attempts: 2, delayMs: 1, parity: false }))?.disk.path).toBe(
      '/dev/sda',
    );
  });

  it('findRootDisk fails at once', async () => {
    await expect(findRootDisk(portsOf(nothing), null, { parity: false })).rejects.toMatchObject({
      type: DeviceNotFound.type,
    });
  });
});
