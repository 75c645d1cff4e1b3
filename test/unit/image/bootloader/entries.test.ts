import { describe, expect, it } from 'vitest';
import { planEntries } from '../../../../src/image/bootloader/entries.ts';
import { efibootmgrList, parseBootEntries } from '../../../../src/system/index.ts';

const printed = `BootCurrent: 0004
Timeout: 3 seconds
BootOrder: 0004,0000,0003
Boot0000* UiApp\tFvVol(7cb8bdc9-f8eb-4f34-aaea-3ee4af6516a1)/FvFile(462caa21-7614-4503-836e-8ab6f4662331)
Boot0003* Debian on disk\tHD(2,GPT,5f6ab1b9-3ab5-4a3e-9e1a-a0b1a3c8f1aa,0x1000,0x12000)/File(\\EFI\\debian\\shimx64.efi)
Boot000A  ironic1 \tHD(2,GPT,5f6ab1b9-3ab5-4a3e-9e1a-a0b1a3c8f1aa,0x1000,0x12000)/File(\\EFI\\BOOT\\BOOTX64.EFI)
Boot0004* UEFI PXEv4 (MAC:525400AABB01)\tPciRoot(0x0)/Pci(0x3,0x0)/MAC(525400aabb01,1)/IPv4(0.0.0.0)
MirroredPercentageAbove4G: 0.00
`;

describe('entries in the firmware memory', () => {
  it('are parsed with labels that hold blanks and brackets', () => {
    expect(parseBootEntries(printed).map(({ number, label }) => [number, label])).toEqual([
      ['0000', 'UiApp'],
      ['0003', 'Debian on disk'],
      ['000A', 'ironic1'],
      ['0004', 'UEFI PXEv4 (MAC:525400AABB01)'],
    ]);
  });

  it('are read from UTF-16 output too', () => {
    const bytes = Buffer.from(printed, 'utf16le');
    const out = { exitCode: 0, stdout: bytes.toString('utf8'), stderr: '', bytes };
    expect(efibootmgrList.parse(out, undefined)).toEqual(parseBootEntries(printed));
  });

  it('with the same label go first, and the most important loader is created last, so that it boots first', () => {
    const loaders = [
      { path: 'EFI/debian/shimx64.efi', label: 'Debian on disk' },
      { path: 'EFI/debian/fwupx64.efi', label: 'Firmware updater' },
    ];
    expect(planEntries(parseBootEntries(printed), loaders)).toEqual([
      { kind: 'delete', number: '0003', label: 'Debian on disk' },
      { kind: 'create', label: 'Firmware updater', loader: '\\EFI\\debian\\fwupx64.efi' },
      { kind: 'create', label: 'Debian on disk', loader: '\\EFI\\debian\\shimx64.efi' },
    ]);
  });
});
