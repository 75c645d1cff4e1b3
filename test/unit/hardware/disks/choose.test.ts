import { describe, expect, it } from 'vitest';
import { GiB, type Node } from '../../../../src/core/index.ts';
import {
  chooseRootDisk,
  DeviceNotFound,
  type Disk,
  formatRootTable,
  type RootChoice,
} from '../../../../src/hardware/index.ts';
import { aDisk } from '../../../kit/disk-builder.ts';

const choose = (disks: readonly Disk[], node: Node | null = null, parity = false): RootChoice =>
  chooseRootDisk(disks, node, { parity });
const rootOf = (disks: readonly Disk[], node?: Node | null, parity?: boolean) => choose(disks, node, parity).disk.path;
const failure = (disks: readonly Disk[], node: Node | null = null) => {
  try {
    choose(disks, node);
  } catch (error) {
    if (DeviceNotFound.is(error)) return error;
    throw error;
  }
  throw new Error('a disk was chosen');
};

const usb = aDisk('sdu', { size: 8 * GiB, tran: 'usb' });
const card = aDisk('mmcblk0', { size: 4 * GiB, tran: null });
const ssd = aDisk('sda', { size: 100 * GiB });
const hdd = aDisk('sdb', { size: 200 * GiB });

describe('default rule', () => {
  it.each<readonly [string, readonly Disk[], string]>([
    ['the smallest', [hdd, ssd], '/dev/sda'],
    ['exactly 4 GiB is enough', [aDisk('sdc', { size: 4 * GiB }), ssd], '/dev/sdc'],
    ['one byte less is not', [aDisk('sdc', { size: 4 * GiB - 1 }), ssd], '/dev/sda'],
    ['a tie goes to the name as text', [aDisk('sdb'), aDisk('sdaa'), aDisk('sda')], '/dev/sda'],
    ['USB loses to a fixed disk', [usb, ssd], '/dev/sda'],
    ['SD card loses to a fixed disk', [card, ssd], '/dev/sda'],
    ['SD card serves when alone', [card], '/dev/mmcblk0'],
    ['USB comes before read-only', [aDisk('sdr', { readOnly: true }), usb], '/dev/sdu'],
    ['virtual media lose', [aDisk('sdv', { size: 5 * GiB, tran: 'usb', label: 'IR-VFD-DEV' }), ssd], '/dev/sda'],
    [
      'a label on a fixed disk makes no virtual medium',
      [aDisk('sdc', { size: 5 * GiB, label: 'ir-vfd-dev' }), ssd],
      '/dev/sdc',
    ],
  ])('%s', (_name, disks, expected) => {
    expect(rootOf(disks)).toBe(expected);
  });

  it('takes the SD card when told to behave as older agents', () => {
    expect(rootOf([card, usb, ssd], null, true)).toBe('/dev/mmcblk0');
  });

  it('says why every disk lost', () => {
    const table = choose([usb, hdd, ssd, aDisk('sdt', { size: GiB })]).table;
    expect(table).toEqual([
      { path: '/dev/sdu', verdict: 'lost', reason: 'USB, SD card or virtual media; /dev/sda is a fixed disk' },
      { path: '/dev/sdb', verdict: 'lost', reason: 'larger than /dev/sda' },
      { path: '/dev/sda', verdict: 'chosen', reason: 'the smallest disk of at least 4 GiB, no hints given' },
      { path: '/dev/sdt', verdict: 'lost', reason: 'smaller than 4 GiB' },
    ]);
    expect(formatRootTable(choose([hdd, ssd])).split('\n')).toEqual([
      '  /dev/sdb  lost: larger than /dev/sda',
      '* /dev/sda  chosen: the smallest disk of at least 4 GiB, no hints given',
    ]);
  });
});

describe('hints of the node', () => {
  it('takes the first of the list that matches all', () => {
    expect(rootOf([hdd, ssd], { properties: { root_device: { size: '>= 50' } } })).toBe('/dev/sdb');
  });
  it('prefers instance_info over properties', () => {
    const node = {
      instance_info: { root_device: { name: '/dev/sda' } },
      properties: { root_device: { name: '/dev/sdb' } },
    };
    expect(rootOf([hdd, ssd], node)).toBe('/dev/sda');
  });
  it('falls back when instance_info is empty', () => {
    const node = { instance_info: { root_device: {} }, properties: { root_device: { name: '/dev/sdb' } } };
    expect(rootOf([hdd, ssd], node)).toBe('/dev/sdb');
  });
  it('may name a USB stick', () => {
    expect(rootOf([ssd, usb], { properties: { root_device: { tran: 'usb' } } })).toBe('/dev/sdu');
  });
  it('lists every disk and its value when nothing matches', () => {
    const error = failure([ssd, hdd], { properties: { root_device: { serial: 'X1' } } });
    expect(error.toWire().code).toBe(404);
    expect(error.details).toContain('/dev/sda: serial "X1" does not match ["SER-sda"]');
    expect(error.details).toContain('/dev/sdb: serial "X1" does not match ["SER-sdb"]');
  });
  it('says that there are no disks at all', () => {
    expect(failure([]).details).toContain('no disks were found');
  });
  it.each<unknown>(['text', 5, ['x']])('refuses hints that are no map: %j', (root_device) => {
    expect(failure([ssd], { properties: { root_device } }).details).toContain('must be a map');
  });
});

describe('skip list', () => {
  const skipping = (...entries: readonly unknown[]): Node => ({ properties: { skip_block_devices: entries } });

  it('leaves a matching disk out', () => {
    expect(rootOf([ssd, hdd], skipping({ name: '/dev/sda' }))).toBe('/dev/sdb');
    expect(failure([ssd], skipping({ serial: 'SER-sda' })).details).toContain('protected by skip_block_devices');
  });
  it('also against a hint that names the disk', () => {
    const node = { properties: { skip_block_devices: [{ name: '/dev/sda' }], root_device: { name: '/dev/sda' } } };
    expect(failure([ssd], node).details).toContain('protected');
  });
  it('with a volume name excludes every array and member', () => {
    const disks = [
      aDisk('sda', { raidMember: true, size: 10 * GiB }),
      aDisk('md0', { type: 'raid1', size: 9 * GiB }),
      aDisk('sdb'),
    ];
    expect(rootOf(disks, skipping({ volume_name: 'keep' }))).toBe('/dev/sdb');
  });
  it.each<unknown>(['x', [5], [{}], [{ colour: 'red' }], [{ size: 'big' }]])('refuses %j', (skip_block_devices) => {
    expect(failure([ssd], { properties: { skip_block_devices } }).details).toContain('skip_block_devices');
  });
});
