import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MiB } from '../../src/core/index.ts';
import type { TargetDisk } from '../../src/image/index.ts';
import { type BootMode, type Layout, planLayout, type TableLabel } from '../../src/image/partitions/layout/index.ts';
import { type TableIds, tableWrites } from '../../src/image/partitions/table/index.ts';
import { createLoopDisk } from '../kit/loop-disk.ts';

const ids: TableIds = {
  disk: '0a1b2c3d-1111-4222-8333-444455556666',
  partitions: [1, 2, 3, 4, 5].map((n) => `${n}0000000-aaaa-4bbb-8ccc-dddddddddddd`),
};
const request = {
  ...{ rootMib: 40, swapMib: 8, ephemeralMib: 16, ephemeralFormat: 'ext4' },
  ...{ preserveEphemeral: false, deployBootMode: null },
};
const SIZE = 128 * MiB + 512;

const DISK = { path: '/dev/sda', size: SIZE, logicalSectorBytes: 512 };

function layoutOf(bootMode: BootMode, label: TableLabel, disk: TargetDisk = DISK, arch = 'x64') {
  // Five partitions are one more than a DOS table of POWER holds.
  const driveMib = arch === 'ppc64' ? 0 : 2;
  return planLayout({ disk, bootMode, label, arch, request, driveMib, espMib: 36, biosBootMib: 1 });
}

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'partition-table-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function writeTable(path: string, layout: Layout): void {
  const fd = openSync(path, 'r+');
  for (const { offset, bytes } of tableWrites(layout, ids).parts) writeSync(fd, bytes, 0, bytes.length, offset);
  closeSync(fd);
}

/** A disk image with nothing but this table. */
function diskWith(bootMode: BootMode, label: TableLabel, arch = 'x64'): string {
  const path = join(dir, 'disk.img');
  writeFileSync(path, '');
  truncateSync(path, SIZE);
  writeTable(path, layoutOf(bootMode, label, DISK, arch));
  return path;
}
const run = (bin: string, ...args: string[]) =>
  execFileSync(bin, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

interface Listed {
  readonly partitiontable: {
    readonly label: string;
    readonly id: string;
    readonly partitions: readonly Readonly<Record<string, unknown>>[];
  };
}
const listed = (path: string): Listed['partitiontable'] => {
  const found: Listed = JSON.parse(run('sfdisk', '--json', path));
  return found.partitiontable;
};
/** `start+size type`, in sectors, as sfdisk sees them. */
const rows = ({ partitions }: Listed['partitiontable']) =>
  partitions.map(({ start, size, type, bootable }) => `${start}+${size} ${type}${bootable === true ? ' boot' : ''}`);

const ESP = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B';
const BIOS = '21686148-6449-6E6F-744E-656564454649';
const PREP = '9E1A2D38-C612-4316-AA26-8B49521E5A8B';
const SWAP = '0657FD6D-A4AB-43C4-84E5-0933C84B4F4F';
const DATA = '0FC63DAF-8483-4772-8E79-3D69D8477DE4';

describe('the written table, as sfdisk and sgdisk read it', () => {
  it.each([
    [
      'uefi',
      'x64',
      [
        `2048+73728 ${ESP}`,
        `75776+32768 ${DATA}`,
        `108544+16384 ${SWAP}`,
        `124928+4096 ${DATA}`,
        `129024+81920 ${DATA}`,
      ],
    ],
    [
      'bios',
      'x64',
      [`2048+2048 ${BIOS}`, `4096+32768 ${DATA}`, `36864+16384 ${SWAP}`, `53248+4096 ${DATA}`, `57344+81920 ${DATA}`],
    ],
    ['bios', 'ppc64', [`2048+16384 ${PREP}`, `18432+32768 ${DATA}`, `51200+16384 ${SWAP}`, `67584+81920 ${DATA}`]],
  ] as const)('GPT, %s, %s', (bootMode, arch, expected) => {
    const path = diskWith(bootMode, 'gpt', arch);
    const table = listed(path);
    expect(table.label).toBe('gpt');
    expect(table.id.toLowerCase()).toBe(ids.disk);
    expect(rows(table)).toEqual(expected);
    expect(run('sgdisk', '--verify', path)).toContain('No problems found');
    expect(run('sfdisk', '--verify', path)).toContain('No errors detected');
    expect(table.partitions.map(({ uuid }) => String(uuid).toLowerCase())).toEqual(
      ids.partitions.slice(0, expected.length),
    );
  });

  it('GPT, sectors of 4096 bytes', () => {
    const disk = createLoopDisk({ bytes: SIZE - 512, sectorBytes: 4096, fill: 0 });
    try {
      writeTable(disk.path, layoutOf('uefi', 'gpt', disk));
      expect(rows(listed(disk.path)).slice(0, 2)).toEqual([`256+9216 ${ESP}`, `9472+4096 ${DATA}`]);
      expect(run('sgdisk', '--verify', disk.path)).toContain('No problems found');
      expect(run('sfdisk', '--verify', disk.path)).toContain('No errors detected');
    } finally {
      disk.close();
    }
  });

  it('names the partitions of a GPT', () => {
    const names = listed(diskWith('uefi', 'gpt')).partitions.map(({ name }) => name);
    expect(names).toEqual(['efi-system', 'ephemeral', 'swap', 'config-2', 'root']);
  });

  it.each([
    ['x64', ['2048+32768 83', '34816+16384 82', '51200+4096 83', '55296+81920 83 boot']],
    ['ppc64', ['2048+16384 41 boot', '18432+32768 83', '51200+16384 82', '67584+81920 83']],
  ] as const)('DOS, %s', (arch, expected) => {
    const path = diskWith('bios', 'msdos', arch);
    const table = listed(path);
    expect(table).toMatchObject({ label: 'dos', id: '0x0a1b2c3d' });
    expect(rows(table)).toEqual(expected);
    expect(run('sfdisk', '--verify', path)).toContain('No errors detected');
  });
});
