import { describe, expect, it } from 'vitest';
import { MiB } from '../../../../src/core/index.ts';
import { parseEntries, primaryGpt } from '../../../../src/image/gpt/index.ts';
import { type BootMode, planLayout, type TableLabel } from '../../../../src/image/partitions/layout/index.ts';
import { partUuid, type TableIds, tableWrites } from '../../../../src/image/partitions/table/index.ts';

const ids: TableIds = {
  disk: '0a1b2c3d-1111-4222-8333-444455556666',
  partitions: [1, 2, 3, 4, 5].map((n) => `${n}0000000-aaaa-4bbb-8ccc-dddddddddddd`),
};
const request = {
  ...{ rootMib: 40, swapMib: 8, ephemeralMib: 16, ephemeralFormat: 'ext4' },
  ...{ preserveEphemeral: false, deployBootMode: null },
};

function layoutOf(bootMode: BootMode, label: TableLabel) {
  const disk = { path: '/dev/sda', size: 128 * MiB, logicalSectorBytes: 512 };
  return planLayout({ disk, bootMode, label, arch: 'x64', request, driveMib: 2, espMib: 36, biosBootMib: 1 });
}

describe('what is written around it', () => {
  it('old marks in every partition become blank before the table is there, the front comes last', () => {
    const { blank, parts } = tableWrites(layoutOf('uefi', 'gpt'), ids);
    expect(blank.map(({ offset, length }) => `${offset / MiB}+${length / MiB}`)).toEqual([
      ...['1+4', '35+2', '37+4', '51+2', '53+4', '59+2', '61+2', '63+4', '101+2'],
    ]);
    expect(parts.map(({ offset }) => offset)).toEqual([expect.any(Number), 0]);
    expect(parts[0]?.offset).toBeGreaterThan(127 * MiB);
  });

  it('gives the kernel the partition identifiers that it was asked for', () => {
    expect(partUuid(layoutOf('uefi', 'gpt'), ids, 5)).toBe(ids.partitions[4]);
    expect(partUuid(layoutOf('bios', 'msdos'), ids, 4)).toBe('0a1b2c3d-04');
    expect(partUuid(layoutOf('bios', 'msdos'), { ...ids, disk: `00000000${ids.disk.slice(8)}` }, 1)).toBe(
      '00000001-01',
    );
  });

  it('our own reader agrees', () => {
    const [, front] = tableWrites(layoutOf('bios', 'gpt'), ids).parts;
    const head = front?.bytes ?? new Uint8Array();
    const primary = primaryGpt(head, 512);
    if (primary === null) return expect.fail('no primary table');
    const entries = parseEntries(primary.header, head.subarray(primary.entriesOffset));
    expect(entries.map(({ name, firstLba }) => `${name}@${firstLba}`)).toEqual([
      ...['bios-boot@2048', 'ephemeral@4096', 'swap@36864', 'config-2@53248', 'root@57344'],
    ]);
  });
});
