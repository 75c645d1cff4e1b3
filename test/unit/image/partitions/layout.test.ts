import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GiB, MiB } from '../../../../src/core/index.ts';
import {
  type BootMode,
  describePartitions,
  type Layout,
  type LayoutInput,
  planLayout,
  type TableLabel,
} from '../../../../src/image/partitions/layout/index.ts';

const request = {
  rootMib: 1000,
  swapMib: 0,
  ephemeralMib: 0,
  ephemeralFormat: 'ext4',
  preserveEphemeral: false,
  deployBootMode: null,
};

function plan(bootMode: BootMode, label: TableLabel, more: Partial<LayoutInput> = {}): Layout {
  const disk = { path: '/dev/sda', size: 20 * GiB, logicalSectorBytes: 512 };
  return planLayout({
    ...{ disk, bootMode, label, arch: 'x64', request, driveMib: 0, espMib: 550, biosBootMib: 1 },
    ...more,
  });
}

/** `role@start+size`, in MiB. */
const rows = ({ partitions }: Layout) =>
  partitions.map((p) => `${p.role}@${p.start / MiB}+${p.bytes / MiB}${p.active ? '*' : ''}`).join(' ');

const ephemeral = { ephemeralMib: 200 };
const swap = { swapMib: 64 };

/** imaging 4.2: boot mode, table, further wishes, what comes of it. */
const TABLE: readonly (readonly [BootMode, TableLabel, Partial<typeof request>, number, string])[] = [
  ['uefi', 'gpt', {}, 0, 'esp@1+550 root@551+1000'],
  ['uefi', 'gpt', ephemeral, 0, 'esp@1+550 ephemeral@551+200 root@751+1000'],
  ['uefi', 'gpt', swap, 0, 'esp@1+550 swap@551+64 root@615+1000'],
  ['uefi', 'gpt', {}, 2, 'esp@1+550 config-drive@551+2 root@553+1000'],
  [
    'uefi',
    'gpt',
    { ...ephemeral, ...swap },
    2,
    'esp@1+550 ephemeral@551+200 swap@751+64 config-drive@815+2 root@817+1000',
  ],
  ['bios', 'gpt', {}, 0, 'bios-boot@1+1 root@2+1000'],
  ['bios', 'gpt', ephemeral, 0, 'bios-boot@1+1 ephemeral@2+200 root@202+1000'],
  ['bios', 'gpt', swap, 0, 'bios-boot@1+1 swap@2+64 root@66+1000'],
  ['bios', 'gpt', {}, 64, 'bios-boot@1+1 config-drive@2+64 root@66+1000'],
  [
    'bios',
    'gpt',
    { ...ephemeral, ...swap },
    1,
    'bios-boot@1+1 ephemeral@2+200 swap@202+64 config-drive@266+1 root@267+1000',
  ],
  ['bios', 'msdos', {}, 0, 'root@1+1000*'],
  ['bios', 'msdos', ephemeral, 0, 'ephemeral@1+200 root@201+1000*'],
  ['bios', 'msdos', swap, 0, 'swap@1+64 root@65+1000*'],
  ['bios', 'msdos', {}, 1, 'config-drive@1+1 root@2+1000*'],
  ['bios', 'msdos', { ...ephemeral, ...swap }, 1, 'ephemeral@1+200 swap@201+64 config-drive@265+1 root@266+1000*'],
];

describe('the layout', () => {
  it.each(TABLE)('%s %s %j, config drive of %i MiB: %s', (bootMode, label, wishes, driveMib, expected) => {
    expect(rows(plan(bootMode, label, { request: { ...request, ...wishes }, driveMib }))).toBe(expected);
  });

  it.each([
    ['uefi', 'gpt', 'esp@1+550 root@551+1000'],
    ['bios', 'gpt', 'prep@1+8 root@9+1000'],
    ['bios', 'msdos', 'prep@1+8* root@9+1000'],
  ] as const)('%s %s on POWER: %s', (bootMode, label, expected) => {
    expect(rows(plan(bootMode, label, { arch: 'ppc64' }))).toBe(expected);
  });

  it('follows the settings for the sizes of the boot partitions', () => {
    expect(rows(plan('uefi', 'gpt', { espMib: 128 }))).toBe('esp@1+128 root@129+1000');
    expect(rows(plan('bios', 'gpt', { biosBootMib: 4 }))).toBe('bios-boot@1+4 root@5+1000');
  });

  it('never overlaps, always ends inside the disk, or is refused', () => {
    const wishes = fc.record({
      rootMib: fc.integer({ min: 1, max: 12_000 }),
      swapMib: fc.integer({ min: 0, max: 5_000 }),
      ephemeralMib: fc.integer({ min: 0, max: 5_000 }),
    });
    const shape = fc.record({
      size: fc.integer({ min: 1, max: 20 * 1024 }).map((mib) => mib * MiB + 512 * (mib % 7)),
      logicalSectorBytes: fc.constantFrom(512, 4096),
    });
    fc.assert(
      fc.property(wishes, shape, fc.boolean(), (wish, disk, gpt) => {
        const made = () =>
          plan('bios', gpt ? 'gpt' : 'msdos', {
            request: { ...request, ...wish },
            disk: { path: '/dev/sda', ...disk },
          });
        const usable = disk.size - (disk.size % disk.logicalSectorBytes);
        const spare = gpt ? 32 * 512 + disk.logicalSectorBytes : 0;
        const needed = (1 + (gpt ? 1 : 0) + wish.rootMib + wish.swapMib + wish.ephemeralMib) * MiB;
        if (needed > usable - spare) {
          expect(made).toThrow(/partitions need/);
          return;
        }
        let at = MiB;
        for (const { start, bytes } of made().partitions) {
          expect(start).toBe(at);
          at += bytes;
        }
        expect(at).toBe(needed);
      }),
    );
  });
});

describe('what does not fit is refused before anything is written', () => {
  const size = 2000 * MiB;
  const disk = { path: '/dev/sda', size, logicalSectorBytes: 512 };
  it('with the arithmetic', () => {
    const much = { ...request, rootMib: 1500 };
    expect(() => plan('uefi', 'gpt', { disk, request: much })).toThrow(
      'the partitions need 1 + 550 (EFI system) + 1500 (root) = 2051 MiB and a little for the backup of the table, but /dev/sda has 2000 MiB',
    );
  });

  it('a GPT needs a place for its backup, a DOS table does not', () => {
    const root = (rootMib: number) => ({ disk, request: { ...request, rootMib } });
    expect(() => plan('bios', 'gpt', root(1998))).toThrow(/1 \+ 1 \(BIOS boot\) \+ 1998 \(root\) = 2000 MiB/);
    expect(rows(plan('bios', 'gpt', root(1997)))).toBe('bios-boot@1+1 root@2+1997');
    expect(rows(plan('bios', 'msdos', root(1999)))).toBe('root@1+1999*');
    expect(() => plan('bios', 'msdos', root(2000))).toThrow(/= 2001 MiB, but/);
  });

  it.each(['/dev/dm-0', '/dev/mapper/mpatha'])('%s, on which the kernel makes no partitions', (path) => {
    const disk = { path, size: 20 * GiB, logicalSectorBytes: 512 };
    expect(() => plan('uefi', 'gpt', { disk })).toThrow(`${path} is a device-mapper device`);
  });

  it('a fifth primary partition', () => {
    const full = { request: { ...request, ...ephemeral, ...swap }, driveMib: 1, arch: 'ppc64' };
    expect(() => plan('bios', 'msdos', full)).toThrow(/4 primary partitions, 5 are needed/);
    expect(rows(plan('bios', 'gpt', full))).toContain('prep@1+8 ');
  });

  it('a DOS table beyond its reach', () => {
    const large = { path: '/dev/sda', size: 4096 * GiB, logicalSectorBytes: 512 };
    const huge = { ...request, rootMib: 3 * 1024 * 1024 };
    expect(() => plan('bios', 'msdos', { disk: large, request: huge })).toThrow(/reaches only the first part/);
    expect(rows(plan('bios', 'gpt', { disk: large, request: huge }))).toBe('bios-boot@1+1 root@2+3145728');
    const native = { ...large, logicalSectorBytes: 4096 };
    expect(rows(plan('bios', 'msdos', { disk: native, request: huge }))).toBe('root@1+3145728*');
  });
});

describe('the printed plan', () => {
  const decision = { bootMode: 'bios', because: 'the running boot mode' } as const;
  it('names every act and partition', () => {
    const layout = plan('bios', 'msdos', { request: { ...request, ...ephemeral, ...swap }, driveMib: 1 });
    expect(describePartitions(layout, decision, { ephemeralFormat: 'xfs', preserved: false })).toEqual([
      '/dev/sda: destroy all metadata',
      '/dev/sda: write a msdos table, boot mode bios (the running boot mode)',
      '/dev/sda partition 1: ephemeral, 1+200 MiB: xfs ephemeral0',
      '/dev/sda partition 2: swap, 201+64 MiB: swap swap1',
      '/dev/sda partition 3: config drive, 265+1 MiB: config drive',
      '/dev/sda partition 4: root, 266+1000 MiB, boot flag: image',
    ]);
  });

  it('says what is kept', () => {
    const layout = plan('uefi', 'gpt', { request: { ...request, ...ephemeral } });
    const kept = describePartitions(layout, decision, { ephemeralFormat: 'ext4', preserved: true });
    expect(kept).toEqual([
      '/dev/sda: keep the gpt table of the last deployment, boot mode bios (the running boot mode)',
      '/dev/sda partition 1: EFI system, 1+550 MiB: vfat efi-part',
      '/dev/sda partition 2: ephemeral, 551+200 MiB: left as it is',
      '/dev/sda partition 3: root, 751+1000 MiB: image',
    ]);
  });
});
