import { describe, expect, it } from 'vitest';
import { chooseLoaders, csvText, firmwarePath } from '../../../../src/image/bootloader/loaders.ts';

const utf16 = (text: string, order: 'le' | 'be' | 'none') => {
  const body = Buffer.from(text, 'utf16le');
  if (order === 'none') return body;
  const little = Buffer.concat([Buffer.from([0xff, 0xfe]), body]);
  return order === 'le' ? little : Buffer.from(little).swap16();
};
const csv = (path: string, text: string) => ({ path, bytes: utf16(text, 'le') });

describe('boot CSV files', () => {
  it.each(['le', 'be', 'none'] as const)('are read as UTF-16 with byte order mark: %s', (order) => {
    expect(csvText(utf16('shimx64.efi,debian,,entry', order))).toBe('shimx64.efi,debian,,entry');
  });
});

describe('the choice of loaders', () => {
  it('follows the CSV, label with blanks included', () => {
    const programs = ['EFI/BOOT/BOOTX64.EFI', 'EFI/debian/shimx64.efi', 'EFI/debian/grubx64.efi'];
    const csvs = [csv('EFI/debian/BOOTX64.CSV', 'shimx64.efi,Debian on disk,,This is the boot entry\n')];
    expect(chooseLoaders({ programs, csvs }, 'x64')).toEqual([
      { path: 'EFI/debian/shimx64.efi', label: 'Debian on disk' },
    ]);
  });

  it('takes every line of every CSV, in order, once', () => {
    const programs = ['EFI/a/shimx64.efi', 'EFI/a/mmx64.efi', 'EFI/b/shimx64.efi'];
    const csvs = [
      csv('EFI/a/BOOTX64.CSV', 'SHIMX64.EFI,A,,\nmmx64.efi,A tools,,\nshimx64.efi,A,,\n'),
      csv('EFI/b/BOOT.CSV', 'shimx64.efi,B,,'),
    ];
    expect(chooseLoaders({ programs, csvs }, 'x64').map(({ label }) => label)).toEqual(['A', 'A tools', 'B']);
  });

  it('ignores a CSV that names a file which is not there', () => {
    const csvs = [csv('EFI/x/BOOTX64.CSV', 'gone.efi,X,,')];
    expect(chooseLoaders({ programs: ['EFI/BOOT/BOOTX64.EFI'], csvs }, 'x64')).toEqual([
      { path: 'EFI/BOOT/BOOTX64.EFI', label: 'ironic1' },
    ]);
  });

  it.each([
    [['EFI/BOOT/BOOTX64.EFI', 'EFI/debian/grubx64.efi'], 'EFI/debian/grubx64.efi'],
    [['EFI/debian/grubx64.efi', 'EFI/debian/shimx64.efi'], 'EFI/debian/shimx64.efi'],
    [['EFI/tools/memtest.efi', 'EFI/boot/bootx64.efi'], 'EFI/boot/bootx64.efi'],
  ])('prefers a signed chain, then a boot loader, then the removable path: %j', (programs, chosen) => {
    expect(chooseLoaders({ programs, csvs: [] }, 'x64')).toEqual([{ path: chosen, label: 'ironic1' }]);
  });

  it.each([
    ['x64', ['EFI/BOOT/BOOTX64.EFI', 'EFI/BOOT/grubx64.efi', 'EFI/BOOT/mmx64.efi'], 'EFI/BOOT/BOOTX64.EFI'],
    ['aa64', ['EFI/BOOT/grubaa64.efi', 'EFI/BOOT/BOOTAA64.EFI'], 'EFI/BOOT/BOOTAA64.EFI'],
    ['x64', ['EFI/Boot/systemd-bootx64.efi', 'EFI/BOOT/bootx64.efi'], 'EFI/BOOT/bootx64.efi'],
    ['x64', ['EFI/BOOT/BOOTX64.EFI', 'EFI/BOOT/grubx64.efi', 'EFI/a/grubx64.efi'], 'EFI/a/grubx64.efi'],
    ['x64', ['EFI/BOOT/BOOTX64.EFI', 'EFI/BOOT/grubx64.efi', 'EFI/a/shimx64.efi'], 'EFI/a/shimx64.efi'],
    ['x64', ['EFI/BOOT/BOOTAA64.EFI', 'EFI/BOOT/grubx64.efi'], 'EFI/BOOT/grubx64.efi'],
  ] as const)(
    '%s: takes a shim under its removable name before the loader that it starts: %j',
    (arch, programs, chosen) => {
      expect(chooseLoaders({ programs, csvs: [] }, arch)).toEqual([{ path: chosen, label: 'ironic1' }]);
    },
  );

  it('finds nothing among programs that no firmware would start by name', () => {
    expect(chooseLoaders({ programs: ['EFI/tools/memtest.efi'], csvs: [] }, 'x64')).toEqual([]);
  });

  it('writes paths as firmware does', () => {
    expect(firmwarePath('EFI/debian/shimx64.efi')).toBe('\\EFI\\debian\\shimx64.efi');
  });
});
