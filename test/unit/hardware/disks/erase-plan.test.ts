import { describe, expect, it } from 'vitest';
import { GiB, MiB, type Node } from '../../../../src/core/index.ts';
import {
  BlockDeviceEraseFailed,
  type DiskFacts,
  endsOf,
  formatErasePlan,
  ProtectedDevice,
  planMetadataErase,
} from '../../../../src/hardware/index.ts';
import { aNode, someFacts } from '../../../kit/disk-builder.ts';

const guarded = { guardSpecialFilesystems: true };
const skipping = (...entries: readonly unknown[]): Node => ({ properties: { skip_block_devices: entries } });
const planOf = (facts: readonly DiskFacts[], node: Node | null = null, settings = guarded) =>
  Object.fromEntries(
    planMetadataErase(facts, node, settings).disks.flatMap((disk) =>
      disk.devices.map((d) => [d.path.slice(5), d.verdict === 'erase' ? 'erase' : `${d.verdict}: ${d.reason}`]),
    ),
  );
const refusal = (facts: readonly DiskFacts[], node: Node | null = null) => {
  try {
    planMetadataErase(facts, node, guarded);
  } catch (error) {
    if (BlockDeviceEraseFailed.is(error) || ProtectedDevice.is(error)) return `${error.type}: ${error.details}`;
    throw error;
  }
  return 'planned';
};
const dmraid = aNode('dm-7', { dmUuid: 'DMRAID-isw_abc_vol' });
const smallUsb = { tran: 'usb', size: 7 * GiB };
const twoParts = () => aNode('sda', { children: [aNode('sda1'), aNode('sda2')] });

describe('planMetadataErase', () => {
  it('erases partitions, last first, then their disk', () => {
    expect(Object.entries(planOf([someFacts(twoParts())]))).toEqual([
      ['sda2', 'erase'],
      ['sda1', 'erase'],
      ['sda', 'erase'],
    ]);
  });

  it('protects the partitions of a skipped disk', () => {
    const found = planOf([someFacts(twoParts()), someFacts(aNode('sdb'))], skipping({ name: '/dev/sda' }));
    expect(Object.values(found)).toEqual([
      expect.stringMatching(/^skip: .*name/),
      expect.stringMatching(/^skip: .*name/),
      expect.stringMatching(/^skip: .*name/),
      'erase',
    ]);
  });

  it('protects what a skipped disk shares a volume with, and the table above it', () => {
    const volume = aNode('dm-0');
    const sda = aNode('sda', { children: [aNode('sda1', { children: [volume] })] });
    const sdb = aNode('sdb', { children: [aNode('sdb1', { children: [volume] }), aNode('sdb2')] });
    const found = planOf([someFacts(sda), someFacts(sdb)], skipping({ name: '/dev/sda' }));
    expect(found).toMatchObject({
      sda: expect.stringMatching(/^skip/),
      sda1: expect.stringMatching(/^skip/),
      sdb: expect.stringMatching(/^skip: holds/),
      sdb1: expect.stringMatching(/^skip: carries dm-0/),
      sdb2: 'erase',
    });
  });

  it('protects a partition that a hint names, with its table', () => {
    const facts = someFacts(
      aNode('sda', { children: [aNode('sda1'), aNode('sda4', { partition: 4 }), aNode('sda5', { partition: 5 })] }),
      { partTypes: { 4: '0x5', 5: '0x83' } },
    );
    expect(planOf([facts], skipping({ name: '/dev/sda5' }))).toMatchObject({
      sda: expect.stringMatching(/^skip/),
      sda1: 'erase',
      sda4: expect.stringMatching(/^skip: holds a kept partition/),
      sda5: expect.stringMatching(/^skip/),
    });
  });

  it('leaves members to their running array, which is erased itself', () => {
    const array = aNode('md0', { children: [aNode('dm-0', { dmName: 'vg-lv', mounts: ['/mnt'] })] });
    const sda = aNode('sda', { children: [aNode('sda1', { children: [array] }), aNode('sda2')] });
    const facts = [
      someFacts(sda, { signatures: { sda1: ['linux_raid_member'] } }),
      someFacts(aNode('sdb', { children: [array] }), { signatures: { sdb: ['linux_raid_member'] } }),
      someFacts(array, { disk: { type: 'raid1' } }),
    ];
    const plan = planMetadataErase(facts, null, guarded);
    expect(planOf(facts)).toEqual({
      sda2: 'erase',
      sda1: 'skip: member of /dev/md0, which is erased itself',
      sda: 'skip: holds a kept partition: member of /dev/md0, which is erased itself',
      sdb: 'skip: member of /dev/md0, which is erased itself',
      md0: 'erase',
    });
    expect(plan.disks.map((disk) => disk.release.length)).toEqual([0, 0, 2]);
  });

  it.each<readonly [string, readonly DiskFacts[]]>([
    ['of an array that does not run', [someFacts(aNode('sda'), { signatures: { sda: ['linux_raid_member'] } })]],
    [
      'of an array that does not start',
      [
        someFacts(aNode('sda', { children: [aNode('md127', { size: 0 })] }), {
          signatures: { sda: ['linux_raid_member'] },
        }),
      ],
    ],
    [
      'of a firmware volume that is not in the list',
      [someFacts(aNode('sda', { children: [aNode('md127')] }), { signatures: { sda: ['isw_raid_member'] } })],
    ],
    [
      'of a firmware volume of device-mapper that is not in the list',
      [someFacts(aNode('sda', { children: [dmraid] }), { signatures: { sda: ['promise_fasttrack_raid_member'] } })],
    ],
  ])('refuses a member %s', (_name, facts) => {
    expect(refusal(facts)).toMatch(/BlockDeviceEraseError: nothing was erased: \/dev\/sda belong/);
  });

  it.each([
    ...['ddf', 'isw', 'lsi_mega', 'promise_fasttrack', 'nvidia', 'jmicron', 'silicon_medley', 'via', 'adaptec'],
  ])('erases what is left of a firmware RAID: %s', (kind) => {
    const signatures = { sda: [`${kind}_raid_member`] };
    const erased = { sda: 'erase', sda1: 'erase', sda2: 'erase' };
    expect(planOf([someFacts(twoParts(), { signatures })])).toEqual(erased);
    expect(planOf([someFacts(twoParts(), { signatures: { sda2: [`${kind}_raid_member`] } })])).toEqual(erased);
    // What stands on it is no volume of that RAID.
    const lvm = someFacts(aNode('sda', { children: [aNode('dm-0', { dmName: 'vg-lv' })] }), { signatures });
    expect(planOf([lvm])).toEqual({ sda: 'erase' });
  });

  it('stops a container without volumes, which mdadm makes of what is left', () => {
    const container = aNode('md127', { size: 0 });
    const facts = ['sda', 'sdb'].map((name) =>
      someFacts(aNode(name, { children: [container] }), { signatures: { [name]: ['ddf_raid_member'] } }),
    );
    expect(planOf(facts)).toEqual({ sda: 'erase', sdb: 'erase' });
    expect(planMetadataErase(facts, null, guarded).disks[0]?.release).toEqual([
      { do: 'stop-md', device: '/dev/md127' },
    ]);
  });

  it.each([
    ['md', aNode('md126'), [aNode('md127', { size: 0 })], 'raid1'],
    ['device-mapper', dmraid, [], 'dmraid'],
  ] as const)('leaves members to a running firmware volume of %s', (_name, volume, more, type) => {
    const facts = [
      someFacts(aNode('sda', { children: [...more, volume] }), { signatures: { sda: ['isw_raid_member'] } }),
      someFacts(volume, { disk: { type } }),
    ];
    expect(planOf(facts)).toEqual({
      sda: `skip: member of ${volume.path}, which is erased itself`,
      [volume.kname]: 'erase',
    });
  });

  it('names in its refusal what there is to do', () => {
    const stale = [someFacts(aNode('sda'), { signatures: { sda: ['linux_raid_member'] } })];
    expect(refusal(stale)).toMatch(/mdadm --zero-superblock.*skip_block_devices/);
    expect(refusal(stale)).not.toContain('delete_configuration');
  });

  it('does not take a label for a RAID member', () => {
    expect(planOf([someFacts(aNode('sda'), { labels: { sda: 'linux_raid_member' } })])).toEqual({ sda: 'erase' });
  });

  it('with a volume name leaves every array and member alone', () => {
    const array = aNode('md0');
    const facts = [
      someFacts(aNode('sda', { children: [aNode('sda1', { children: [array] }), aNode('sda2')] }), {
        signatures: { sda1: ['linux_raid_member'] },
      }),
      someFacts(aNode('sdb'), { signatures: { sdb: ['linux_raid_member'] } }),
      someFacts(array, { disk: { type: 'raid1' } }),
      someFacts(aNode('sdc')),
    ];
    expect(planOf(facts, skipping({ volume_name: 'data' }))).toMatchObject({
      sda: expect.stringMatching(/^skip/),
      sda1: expect.stringMatching(/^skip/),
      sda2: 'erase',
      sdb: expect.stringMatching(/^skip/),
      md0: expect.stringMatching(/^skip/),
      sdc: 'erase',
    });
  });

  it.each<readonly [string, DiskFacts, RegExp]>([
    ['read-only', someFacts(twoParts(), { disk: { readOnly: true } }), /^skip: read-only/],
    [
      'ir-vfd-dev in capitals',
      someFacts(twoParts(), { disk: { ...smallUsb, label: 'IR-VFD-DEV' } }),
      /^skip: virtual media/,
    ],
    ...['ir-vfd-dev', 'config-2', 'VMEDIA_BOOT_ISO'].map((label): readonly [string, DiskFacts, RegExp] => [
      `${label} without udev`,
      someFacts(twoParts(), { disk: smallUsb, labels: { sda: label } }),
      /^skip: virtual media/,
    ]),
    [
      'the USB medium of the running system',
      someFacts(aNode('sda', { children: [aNode('sda1', { mounts: ['/run/live/medium'] }), aNode('sda2')] }), {
        disk: { tran: 'usb', size: 32 * GiB },
      }),
      /^skip: medium of the running system/,
    ],
  ])('skips %s with its partitions', (_name, facts, reason) => {
    for (const verdict of Object.values(planOf([facts]))) expect(verdict).toMatch(reason);
  });

  it('skips the boot areas of an eMMC', () => {
    expect(planOf([someFacts(aNode('mmcblk0boot0'))])).toEqual({ mmcblk0boot0: 'skip: boot area of an eMMC' });
  });

  it.each(['ir-vfd-dev', 'config-2', 'vmedia_boot_iso'])('erases what a tenant labelled %s', (label) => {
    const erased = { sda: 'erase', sda1: 'erase', sda2: 'erase' };
    const held = aNode('sda', { children: [aNode('sda1', { children: [aNode('dm-0')] }), aNode('sda2')] });
    expect(planOf([someFacts(twoParts(), { disk: { size: GiB }, labels: { sda: label } })])).toEqual(erased);
    expect(planOf([someFacts(twoParts(), { disk: { size: GiB, label } })])).toEqual(erased);
    expect(planOf([someFacts(twoParts(), { labels: { sda2: label } })])).toEqual(erased);
    expect(planOf([someFacts(twoParts(), { disk: smallUsb, labels: { sda2: label } })])).toEqual(erased);
    expect(planOf([someFacts(held, { disk: smallUsb, labels: { 'dm-0': label } })])).toEqual(erased);
    const large = { tran: 'usb', size: 8 * GiB };
    expect(planOf([someFacts(twoParts(), { disk: large, labels: { sda: label } })])).toEqual(erased);
  });

  it('refuses everything when the running system is on a fixed disk', () => {
    const used = someFacts(aNode('sdb', { children: [aNode('sdb1', { mounts: ['/'] })] }));
    expect(refusal([someFacts(aNode('sda')), used])).toMatch(/ProtectedDeviceError: nothing was erased: .*\/dev\/sdb1/);
    expect(refusal([someFacts(aNode('sda')), used], skipping({ name: '/dev/sdb' }))).toBe('planned');
  });

  it.each<readonly [string, DiskFacts]>([
    ['GFS2 on a partition', someFacts(twoParts(), { signatures: { sda2: ['gfs2'] } })],
    ['VMFS in capitals', someFacts(twoParts(), { signatures: { sda1: ['VMFS_volume_member'] } })],
    ['GPFS by lower-case type', someFacts(twoParts(), { partTypes: { 1: '37affc90-ef7d-4e96-91c3-2d7ae055b174' } })],
    ['VMFS on MBR', someFacts(twoParts(), { partTypes: { 2: '0xfb' } })],
    [
      'OCFS2 on a logical volume',
      someFacts(aNode('sda', { children: [aNode('sda1', { children: [aNode('dm-0')] })] }), {
        signatures: { 'dm-0': ['ocfs2'] },
      }),
    ],
  ])('refuses %s before anything is written', (_name, facts) => {
    expect(refusal([someFacts(aNode('sdb')), facts])).toMatch(/ProtectedDeviceError/);
    expect(planOf([facts], null, { guardSpecialFilesystems: false })).toMatchObject({ sda: 'erase' });
    expect(planOf([facts], { driver_info: { wipe_special_filesystems: 'True' } })).toMatchObject({ sda: 'erase' });
    expect(planOf([facts], { driver_internal_info: { wipe_special_filesystems: true } })).toMatchObject({
      sda: 'erase',
    });
    expect(refusal([facts], { driver_internal_info: { wipe_special_filesystems: false } })).toMatch(/Protected/);
    expect(refusal([facts], skipping({ name: '/dev/sda' }))).toBe('planned');
  });

  it.each<readonly [string, unknown]>([
    ['no list', 'sda'],
    ['an unknown hint', [{ colour: 'red' }]],
    ['an empty map', [{}]],
  ])('refuses a skip list that is %s', (_name, list) => {
    expect(refusal([someFacts(aNode('sda'))], { properties: { skip_block_devices: list } })).toMatch(
      /BlockDeviceErase/,
    );
  });

  it('does not write to a disk that it could not read or free, and erases the others', () => {
    const held = aNode('sdb', { children: [aNode('bcache0', { kind: 'other' })] });
    expect(
      planOf([someFacts(aNode('sda'), { problem: 'I/O error' }), someFacts(held), someFacts(aNode('sdc'))]),
    ).toEqual({
      sda: 'fail: cannot be examined: I/O error',
      sdb: expect.stringMatching(/^fail: .*bcache0/),
      sdc: 'erase',
    });
  });

  it('prints as a dry run', () => {
    const facts = someFacts(aNode('sda', { children: [aNode('sda1', { size: MiB, mounts: ['/mnt'] })] }));
    expect(formatErasePlan(planMetadataErase([facts], null, guarded)).split('\n')).toEqual([
      '/dev/sda: unmount /mnt (/dev/sda1)',
      '/dev/sda1: erase (wipe signatures, zero 1048576 bytes at 0, verify)',
      expect.stringMatching(
        /^\/dev\/sda: erase \(wipe signatures, zero .* at 0, zero .*, forget partitions, verify\)$/,
      ),
    ]);
  });
});

describe('endsOf', () => {
  it.each<readonly [number, readonly (readonly [number, number])[]]>([
    [1024, [[0, 1024]]],
    [MiB, [[0, MiB]]],
    [
      MiB + 4096,
      [
        [0, MiB],
        [MiB, 4096],
      ],
    ],
    [
      10 * MiB,
      [
        [0, MiB],
        [9 * MiB, MiB],
      ],
    ],
  ])('%d bytes', (size, expected) => {
    expect(endsOf('/dev/sda', size).map((range) => [range.offset, range.length])).toEqual(expected);
  });
});
