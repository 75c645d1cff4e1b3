import { describe, expect, it } from 'vitest';
import { GiB } from '../../../../src/core/index.ts';
import { type Candidate, chooseMedium, isOffered } from '../../../../src/hardware/index.ts';
import { lsblkLabels, lsblkLineage, type Tool } from '../../../../src/system/index.ts';

const row = (type: string | null, tran: string | null = null, bytes: number | null = GiB) => ({
  ...{ device: '/dev/x', type, tran, bytes },
});
type Row = ReturnType<typeof row>;

describe('what a BMC offers (protocol.md 2.6)', () => {
  it.each<readonly [string, readonly Row[], boolean]>([
    ['a CD drive', [row('rom', 'sata')], true],
    ['a CD drive without a known transport', [row('rom')], true],
    ['a USB CD drive', [row('rom', 'usb')], true],
    ['a small USB disk', [row('disk', 'usb', 1_474_560)], true],
    ['a USB disk just below 4 GiB', [row('disk', 'usb', 4 * GiB - 1)], true],
    ['a USB disk of 4 GiB', [row('disk', 'usb', 4 * GiB)], false],
    ['a USB disk of unknown size', [row('disk', 'usb', null)], false],
    ['a small SATA disk', [row('disk', 'sata', 1024)], false],
    ['a small disk without a known transport', [row('disk', null, 1024)], false],
    ['an NVMe disk', [row('disk', 'nvme')], false],
    ['a partition of a small USB disk', [row('part'), row('disk', 'usb', 1024)], false],
    ['a partition of a CD', [row('part'), row('rom', 'usb')], false],
    ['a partition of a local disk', [row('part'), row('disk', 'sata')], false],
    ['a loop device', [row('loop')], false],
    ['a volume on a local partition', [row('lvm'), row('part'), row('disk', 'sata')], false],
    ['a RAID array of small USB disks', [row('raid1'), row('disk', 'usb', 1024)], true],
    ['a multipath map of a SAN disk', [row('mpath'), row('disk', 'fc'), row('disk', 'fc')], false],
    ['a device without a type', [row(null, 'usb', 1024)], false],
    ['nothing at all', [], false],
  ])('%s: %j -> %s', (_what, lineage, offered) => {
    expect(isOffered(lineage)).toBe(offered);
  });
});

describe('the choice of a medium', () => {
  const candidate = (device: string, fsType: string | null, lineage: readonly Row[]): Candidate => ({
    ...{ device, label: 'config-2', fsType, lineage },
  });
  const local = candidate('/dev/sda4', 'iso9660', [row('part'), row('disk', 'sata')]);
  const cd = candidate('/dev/sr0', 'iso9660', [row('rom', 'usb')]);

  it('never takes what a tenant left on a local disk', () => {
    expect(chooseMedium([local])).toEqual({
      medium: null,
      refused: ['/dev/sda4 is neither a CD nor a USB disk of less than 4 GiB: it must not configure the agent'],
    });
  });

  it('takes the first one that a BMC offers', () => {
    const other = { ...cd, device: '/dev/sr1' };
    expect(chooseMedium([local, cd, other]).medium).toEqual({ device: '/dev/sr0', fsType: 'iso9660' });
  });

  it.each(['ext4', 'xfs', 'ntfs', 'crypto_LUKS', null])('does not mount %s', (fsType) => {
    const { medium, refused } = chooseMedium([{ ...cd, fsType }]);
    expect(medium).toBeNull();
    expect(refused[0]).toMatch(/not one of vfat, iso9660, udf, ext2$/);
  });
});

describe('lsblk', () => {
  const parsed = <I, O>(tool: Tool<I, O>, input: I, stdout: string): O =>
    tool.parse({ exitCode: 0, stdout, stderr: '', bytes: Buffer.from(stdout) }, input);

  it('gives labels', () => {
    const out = '{"blockdevices":[{"kname":"/dev/sr0","label":"config-2","fstype":"iso9660"},{"kname":"/dev/sda"}]}';
    expect(parsed(lsblkLabels, undefined, out)).toEqual([
      { device: '/dev/sr0', label: 'config-2', fsType: 'iso9660' },
      { device: '/dev/sda', label: null, fsType: null },
    ]);
  });

  it('gives the device before its parents, with what is missing as null', () => {
    const out =
      'KNAME="/dev/sda1" TRAN="" TYPE="part" SIZE="20971520"\nKNAME="/dev/sda" TRAN="usb" TYPE="disk" SIZE=""\n';
    expect(parsed(lsblkLineage, { device: '/dev/sda1' }, out)).toEqual([
      { device: '/dev/sda1', tran: null, type: 'part', bytes: 20_971_520 },
      { device: '/dev/sda', tran: 'usb', type: 'disk', bytes: null },
    ]);
  });
});
