import { describe, expect, it } from 'vitest';
import { activePartitions, hasBootCode } from '../../../../src/image/bootloader/grub/boot-code.ts';
import { visibleDevices } from '../../../../src/image/bootloader/grub/devices.ts';
import { fatMountsOf, withEspLine } from '../../../../src/image/bootloader/grub/fstab.ts';
import { type GrubFacts, planInstall, planPreserve } from '../../../../src/image/bootloader/grub/plan.ts';
import { byIdentifier, type NamedPartition } from '../../../../src/image/bootloader/identifiers.ts';

const bios: GrubFacts = { disk: '/dev/sda', esp: null, prep: null, grub2: false, installer: true, fatMounts: [] };
const uefi: GrubFacts = { ...bios, esp: '/dev/sda1' };
const efiMount = { device: '/dev/sda1', on: '/boot/efi' };

/** `!` marks what may fail. */
const lines = ({ programs }: ReturnType<typeof planInstall>) =>
  programs.map(({ program, args, mayFail }) => [program, ...args, ...(mayFail ? ['!'] : [])].join(' '));

describe('the plan of a boot loader (imaging 6.4)', () => {
  it.each<readonly [string, GrubFacts, readonly string[], readonly string[]]>([
    ['BIOS', bios, [], ['grub-install /dev/sda', 'grub-mkconfig -o /boot/grub/grub.cfg']],
    [
      'BIOS, Red Hat and SUSE',
      { ...bios, grub2: true },
      [],
      ['grub2-install /dev/sda', 'grub2-mkconfig -o /boot/grub2/grub.cfg'],
    ],
    ['POWER', { ...bios, prep: '/dev/sda1' }, [], ['grub-install /dev/sda1', 'grub-mkconfig -o /boot/grub/grub.cfg']],
    [
      'BIOS without grub-install in the usual place',
      { ...bios, installer: false },
      [],
      ['grub-install /dev/sda', 'grub-mkconfig -o /boot/grub/grub.cfg'],
    ],
    [
      'BIOS with FAT in the fstab',
      { ...bios, fatMounts: [efiMount] },
      ['/dev/sda1 /boot/efi'],
      ['grub-install /dev/sda', 'grub-mkconfig -o /boot/grub/grub.cfg'],
    ],
    [
      'UEFI',
      uefi,
      ['/dev/sda1 /boot/efi'],
      ['grub-install !', 'grub-install --removable !', 'grub-mkconfig -o /boot/grub/grub.cfg'],
    ],
    [
      'UEFI with the ESP in the fstab, and more',
      {
        ...uefi,
        grub2: true,
        fatMounts: [efiMount, { device: '/dev/sda3', on: '/data' }, { device: '/dev/sda1', on: '/efi' }],
      },
      ['/dev/sda3 /data', '/dev/sda1 /efi', '/dev/sda1 /boot/efi'],
      ['grub2-install !', 'grub2-install --removable !', 'grub2-mkconfig -o /boot/grub2/grub.cfg'],
    ],
  ])('%s', (_what, facts, mounts, programs) => {
    const plan = planInstall(facts);
    expect(plan.mounts.map(({ device, on }) => `${device} ${on}`)).toEqual(mounts);
    expect(lines(plan)).toEqual(programs);
  });

  it.each<readonly [string, GrubFacts, readonly string[]]>([
    ['with grub-install', uefi, ['grub-mkconfig -o /boot/grub/grub.cfg']],
    ['with grub2-install', { ...uefi, grub2: true }, ['grub2-mkconfig -o /boot/grub2/grub.cfg']],
    ['without', { ...uefi, installer: false }, []],
  ])('that keeps the boot files of the image, %s', (_what, facts, programs) => {
    expect(planPreserve(facts).mounts).toEqual([]);
    expect(lines(planPreserve(facts))).toEqual(programs);
  });

  it('never looks for other systems, and lets only mkconfig know', () => {
    const [install, mkconfig] = planInstall(bios).programs;
    expect(install?.env).toEqual({});
    expect(mkconfig?.env).toEqual({ GRUB_DISABLE_OS_PROBER: 'true', GRUB_SAVEDEFAULT: 'true' });
  });
});

const partitions: readonly NamedPartition[] = [
  { device: '/dev/sda1', number: 1, type: 'vfat', uuid: 'AAAA-BBBB', partUuid: 'ac0f-01', label: 'efi-part' },
  { device: '/dev/sda2', number: 2, type: 'ext4', uuid: '1111-2222', partUuid: 'ac0f-02', label: null },
];

describe('a partition by identifier (imaging 6.3)', () => {
  it.each([
    ['AAAA-BBBB', '/dev/sda1'],
    ['aaaa-bbbb', '/dev/sda1'],
    ['AC0F-02', '/dev/sda2'],
    ['efi-part', '/dev/sda1'],
    ['EFI-PART', undefined],
    ['', undefined],
    ['0x11223344', undefined],
  ])('%s', (identifier, device) => {
    expect(byIdentifier(partitions, identifier)?.device).toBe(device);
  });
});

describe('FAT file systems in the fstab of the image', () => {
  it.each<readonly [string, readonly string[]]>([
    ['UUID=AAAA-BBBB /boot/efi vfat umask=0077 0 1', ['/dev/sda1 /boot/efi']],
    ['UUID="AAAA-BBBB"\t/boot/efi\tvfat', ['/dev/sda1 /boot/efi']],
    ['PARTUUID=ac0f-01 /boot/efi/ vfat defaults', ['/dev/sda1 /boot/efi']],
    ['LABEL=efi-part /my\\040data vfat defaults', ['/dev/sda1 /my data']],
    ['/dev/sda1 /x vfat defaults', ['/dev/sda1 /x']],
    ['/dev/sdb1 /x vfat defaults', []],
    ['UUID=CCCC-DDDD /boot/efi vfat defaults', []],
    ['UUID=AAAA-BBBB /boot/efi vfat noauto,umask=0077', []],
    ['UUID=AAAA-BBBB /boot/efi ext4 defaults', []],
    ['UUID=AAAA-BBBB none vfat defaults', []],
    ['UUID=AAAA-BBBB / vfat defaults', []],
    ['#UUID=AAAA-BBBB /boot/efi vfat defaults', []],
    ['# UUID=AAAA-BBBB /boot/efi vfat defaults\n\nx\nUUID=AAAA-BBBB /a vfat x\n', ['/dev/sda1 /a']],
    ['', []],
  ])('%j', (fstab, expected) => {
    expect(fatMountsOf(fstab, partitions).map(({ device, on }) => `${device} ${on}`)).toEqual(expected);
  });
});

describe('the line for the ESP in the fstab', () => {
  const line = (kind: string, uuid: string) => `${kind}=${uuid}\t/boot/efi\tvfat\tumask=0077\t0\t1\n`;
  it.each<readonly [string, string, string | null]>([
    ['', 'AAAA-BBBB', line('UUID', 'AAAA-BBBB')],
    ['LABEL=x / ext4\n', 'AAAA-BBBB', `LABEL=x / ext4\n${line('UUID', 'AAAA-BBBB')}`],
    ['LABEL=x / ext4', 'ac0f-01', `LABEL=x / ext4\n${line('PARTUUID', 'ac0f-01')}`],
    ['', 'unknown', line('UUID', 'unknown')],
    ['UUID=AAAA-BBBB /efi vfat x\n', 'AAAA-BBBB', null],
    ['PARTUUID=ac0f-01 /efi vfat x\n', 'ac0f-01', null],
    ['UUID=ac0f-01 /efi vfat x\n', 'ac0f-01', `UUID=ac0f-01 /efi vfat x\n${line('PARTUUID', 'ac0f-01')}`],
  ])('%j and %s', (fstab, uuid, expected) => {
    expect(withEspLine(fstab, uuid, partitions)).toBe(expected);
  });
});

describe('what programs of the image see below /dev', () => {
  it('is their disk, the links to it, and what belongs to no disk', () => {
    const links = [
      { name: 'disk/by-uuid/1111-2222', kname: 'sda2' },
      { name: 'disk/by-id/ata-other', kname: 'sdb' },
      { name: 'mapper/vg-root', kname: 'dm-0' },
    ];
    const seen = visibleDevices(['sda', 'sda1', 'sda2'], links);
    expect(seen.filter((path) => /sd|dm|disk|mapper/.test(path))).toEqual([
      'sda',
      'sda1',
      'sda2',
      'disk/by-uuid/1111-2222',
    ]);
    expect(seen).toEqual(expect.arrayContaining(['null', 'urandom', 'fd']));
    expect(seen).not.toContain('mem');
  });
});

function sector(first: readonly number[], active: readonly number[] = [], signature = [0x55, 0xaa]): Uint8Array {
  const bytes = new Uint8Array(512);
  bytes.set(first);
  for (const number of active) bytes[446 + 16 * (number - 1)] = 0x80;
  bytes.set(signature, 510);
  return bytes;
}

describe('a boot sector', () => {
  it.each<readonly [string, Uint8Array, boolean]>([
    ['of GRUB', sector([0xeb, 0x63, 0x90]), true],
    ['with a near jump', sector([0xe9, 0, 1]), true],
    ['without code', sector([]), false],
    ['without signature', sector([0xeb, 0x63, 0x90], [], [0, 0]), false],
    ['that is too short', new Uint8Array(3), false],
  ])('%s', (_what, bytes, code) => {
    expect(hasBootCode(bytes)).toBe(code);
  });

  it('says which partitions are active', () => {
    expect(activePartitions(sector([], []))).toEqual([]);
    expect(activePartitions(sector([], [1, 4]))).toEqual([1, 4]);
  });
});
