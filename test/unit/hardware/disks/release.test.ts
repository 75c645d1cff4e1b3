import { describe, expect, it } from 'vitest';
import {
  BlockDeviceFailed,
  describeRelease,
  inspectHolders,
  ProtectedDevice,
  planRelease,
} from '../../../../src/hardware/index.ts';
import { aNode, aTree } from '../../../kit/disk-builder.ts';
import { type Entries, memoryFiles } from '../../../kit/memory-files.ts';

const plan = (root: ReturnType<typeof aNode>) => planRelease(aTree(root)).map(describeRelease);

describe('planRelease', () => {
  it('needs nothing for a bare disk with partitions', () => {
    expect(plan(aNode('sda', { children: [aNode('sda1'), aNode('sda2')] }))).toEqual([]);
  });

  it('unmounts inner mounts first, then stops swap, then removes the top of the stack first', () => {
    const lv = aNode('dm-1', { dmName: 'vg-root', mounts: ['/mnt'] });
    const swap = aNode('dm-2', { dmName: 'vg-swap', swap: true });
    const array = aNode('md0', { children: [aNode('dm-0', { dmName: 'luks', children: [lv, swap] })] });
    const disk = aNode('sda', {
      children: [aNode('sda1', { mounts: ['/mnt/boot/efi'] }), aNode('sda2', { children: [array] })],
    });
    expect(plan(disk)).toEqual([
      'unmount /mnt/boot/efi (/dev/sda1)',
      'unmount /mnt (/dev/dm-1)',
      'stop swapping to /dev/dm-2',
      'remove device-mapper vg-root (/dev/dm-1)',
      'remove device-mapper vg-swap (/dev/dm-2)',
      'remove device-mapper luks (/dev/dm-0)',
      'stop array /dev/md0',
    ]);
  });

  it('removes a volume that stands on two partitions once, and what stands on it before', () => {
    const top = aNode('dm-1', { dmName: 'snapshot' });
    const shared = aNode('dm-0', { dmName: 'lv', children: [top] });
    const disk = aNode('sda', {
      children: [aNode('sda1', { children: [shared] }), aNode('sda2', { children: [shared, top] })],
    });
    expect(plan(disk)).toEqual(['remove device-mapper snapshot (/dev/dm-1)', 'remove device-mapper lv (/dev/dm-0)']);
  });

  it('keeps the partitions of a multipath map: they are erased, not released', () => {
    const map = aNode('dm-0', {
      kind: 'disk',
      dmUuid: 'mpath-3600',
      children: [aNode('dm-1', { kind: 'part', dmUuid: 'part1-mpath-3600', mounts: ['/mnt'] })],
    });
    expect(plan(map)).toEqual(['unmount /mnt (/dev/dm-1)']);
  });

  it.each<readonly [string, ReturnType<typeof aNode>]>([
    ['the root file system', aNode('sda', { children: [aNode('sda1', { mounts: ['/'] })] })],
    ['root on LVM on md', aNode('sda', { children: [aNode('md0', { children: [aNode('dm-0', { mounts: ['/'] })] })] })],
    ['the boot partition', aNode('sda', { children: [aNode('sda1', { mounts: ['/boot/efi'] })] })],
    ['the live medium', aNode('sda', { children: [aNode('sda1', { mounts: ['/run/live/medium'] })] })],
    ['a file behind a loop device', aNode('sda', { mounts: ['/mnt'], loopsAbove: ['loop0'] })],
    ['a loop device without its file', aNode('sda', { children: [aNode('loop0', { kind: 'loop' })] })],
  ])('refuses %s', (_name, root) => {
    expect(() => plan(root)).toThrow(expect.objectContaining({ type: ProtectedDevice.type }));
  });

  it('refuses a holder it cannot stop and a path of a multipath map', () => {
    const bcache = aNode('sda', { children: [aNode('bcache0', { kind: 'other' })] });
    expect(() => plan(bcache)).toThrow(expect.objectContaining({ type: BlockDeviceFailed.type }));
    const path = aNode('sda', { children: [aNode('dm-0', { dmUuid: 'mpath-3600' })] });
    expect(() => plan(path)).toThrow(/one path of the multipath map \/dev\/dm-0/);
  });
});

describe('inspectHolders', () => {
  const dir = { kind: 'dir' } as const;
  const entries: Entries = {
    '/sys/class/block/sda/dev': '8:0\n',
    '/sys/class/block/sda/size': '2048000\n',
    '/sys/class/block/sda/sda1/partition': '1\n',
    '/sys/class/block/sda/sda10/partition': '10\n',
    '/sys/class/block/sda/sda2/partition': '2\n',
    '/sys/class/block/sda1/dev': '8:1\n',
    '/sys/class/block/sda1/partition': '1\n',
    '/sys/class/block/sda1/size': '2\n',
    '/sys/class/block/sda2/dev': '8:2\n',
    '/sys/class/block/sda2/partition': '2\n',
    '/sys/class/block/sda2/holders/md127': dir,
    '/sys/class/block/sda10/dev': '259:3\n',
    '/sys/class/block/sda10/partition': '10\n',
    '/sys/class/block/md127/dev': '9:127\n',
    '/sys/class/block/md127/md': dir,
    '/sys/class/block/md127/holders/dm-0': dir,
    '/sys/class/block/dm-0/dev': '253:0\n',
    '/sys/class/block/dm-0/dm/uuid': 'LVM-abc\n',
    '/sys/class/block/dm-0/dm/name': 'vg-data\n',
    '/sys/class/block/loop3/loop/backing_file': '/mnt/disk images/a.img\n',
    '/proc/swaps': 'Filename Type Size Used Priority\n/dev/sda10 partition 1 0 -2\n',
    '/proc/self/mountinfo': [
      '22 1 0:20 / / rw - tmpfs none rw',
      '30 22 8:1 / /mnt/disk\\040images rw,relatime shared:1 - ext4 /dev/sda1 rw',
      '31 22 0:44 /sub /srv rw - btrfs /dev/mapper/vg-data rw',
    ].join('\n'),
  };

  it('reads partitions by number, holders, mounts, swap and loops from sysfs and proc', async () => {
    const { root } = await inspectHolders({ files: memoryFiles(entries) }, { kname: 'sda' });
    expect(root).toMatchObject({ kind: 'disk', size: 2048000 * 512, partition: null });
    expect(root.children.map((child) => [child.kname, child.kind, child.partition])).toEqual([
      ['sda1', 'part', 1],
      ['sda2', 'part', 2],
      ['sda10', 'part', 10],
    ]);
    const [one, two, ten] = root.children;
    expect(one).toMatchObject({ mounts: ['/mnt/disk images'], loopsAbove: ['loop3'], size: 1024 });
    expect(ten).toMatchObject({ swap: true });
    expect(two?.children[0]).toMatchObject({ kname: 'md127', kind: 'md' });
    expect(two?.children[0]?.children[0]).toMatchObject({ kind: 'dm', dmName: 'vg-data', mounts: ['/srv'] });
  });

  it('does not take the boot areas of an eMMC for partitions', async () => {
    const files = memoryFiles({
      '/sys/class/block/mmcblk0/dev': '179:0',
      '/sys/class/block/mmcblk0/mmcblk0boot0/ro': '1',
      '/sys/class/block/mmcblk0/mmcblk0p1/partition': '1',
      '/sys/class/block/mmcblk0p1/partition': '1',
    });
    const { root } = await inspectHolders({ files }, { kname: 'mmcblk0' });
    expect(root.children.map((child) => child.kname)).toEqual(['mmcblk0p1']);
  });
});
