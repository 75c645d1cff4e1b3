import { describe, expect, it } from 'vitest';
import { GiB, MiB } from '../../../../src/core/index.ts';
import { type BootMode, planLayout, type TableLabel } from '../../../../src/image/partitions/layout/index.ts';
import {
  type FoundTable,
  matchExisting,
  readTable,
  type TableIds,
  tableWrites,
} from '../../../../src/image/partitions/table/index.ts';

const ids: TableIds = {
  disk: '0a1b2c3d-1111-4222-8333-444455556666',
  partitions: [1, 2, 3, 4, 5].map((n) => `${n}0000000-aaaa-4bbb-8ccc-dddddddddddd`),
};
const request = {
  ...{ rootMib: 500, swapMib: 8, ephemeralMib: 16, ephemeralFormat: 'ext4' },
  ...{ preserveEphemeral: true, deployBootMode: null },
};

function layoutOf(bootMode: BootMode, label: TableLabel, more: Partial<typeof request> = {}, driveMib = 2) {
  const disk = { path: '/dev/sda', size: 4 * GiB, logicalSectorBytes: 512 };
  const sizes = { driveMib, espMib: 36, biosBootMib: 1 };
  return planLayout({ disk, label, bootMode, arch: 'x64', request: { ...request, ...more }, ...sizes });
}

function written(layout: ReturnType<typeof layoutOf>): FoundTable {
  const head = new Uint8Array(MiB);
  head.set(tableWrites(layout, ids).parts.at(-1)?.bytes ?? []);
  return readTable(head, 512);
}

describe('reading a table', () => {
  it.each([
    ['uefi', 'gpt'],
    ['bios', 'gpt'],
    ['bios', 'msdos'],
  ] as const)('%s %s: finds what was written', (bootMode, label) => {
    const layout = layoutOf(bootMode, label);
    const found = written(layout);
    expect(found.label).toBe(label);
    expect(found.partitions.map(({ number, start, bytes }) => ({ number, start, bytes }))).toEqual(
      layout.partitions.map(({ number, start, bytes }) => ({ number, start, bytes })),
    );
    expect(matchExisting(layout, found, MiB)).toEqual(layout);
  });

  it('names partitions as the kernel does', () => {
    expect(written(layoutOf('bios', 'gpt')).partitions[1]?.partUuid).toBe(ids.partitions[1]);
    expect(written(layoutOf('bios', 'msdos')).partitions[1]?.partUuid).toBe('0a1b2c3d-02');
  });

  it('a table whose entries are damaged', () => {
    const head = new Uint8Array(MiB);
    head.set(tableWrites(layoutOf('uefi', 'gpt'), ids).parts.at(-1)?.bytes ?? []);
    head[1024 + 32] = (head[1024 + 32] ?? 0) ^ 1;
    expect(readTable(head, 512)).toEqual({ label: 'none', partitions: [] });
  });

  it('a disk without a table', () => {
    expect(readTable(new Uint8Array(MiB), 512)).toEqual({ label: 'none', partitions: [] });
  });
});

describe('a table that is kept', () => {
  const layout = layoutOf('uefi', 'gpt');
  const found = written(layout);
  /** The table with one partition changed; null removes it. */
  const changed = (number: number, change: Partial<FoundTable['partitions'][number]> | null): FoundTable => ({
    ...found,
    partitions: found.partitions.flatMap((one) => {
      if (one.number !== number) return [one];
      return change === null ? [] : [{ ...one, ...change }];
    }),
  });

  it('gives the places: a grown root, a larger config drive, the grain of another tool', () => {
    const grown = changed(5, { bytes: 3 * GiB });
    expect(matchExisting(layout, grown, MiB).partitions[4]).toMatchObject({ role: 'root', bytes: 3 * GiB });
    const shifted = changed(3, { start: 53.5 * MiB, bytes: 7.5 * MiB });
    expect(matchExisting(layout, shifted, MiB).partitions[2]).toMatchObject({ start: 53.5 * MiB, bytes: 7.5 * MiB });
    expect(matchExisting(layout, changed(4, { bytes: 4 * MiB }), 3 * MiB).partitions[3]?.bytes).toBe(4 * MiB);
  });

  it.each([
    ['a partition is missing', changed(3, null), 'partition 3 (swap) is missing'],
    [
      'a root that is too small',
      changed(5, { bytes: 400 * MiB }),
      'partition 5 (root) has 63.0+400.0 MiB, 500 MiB are needed',
    ],
    [
      'another place',
      changed(2, { start: 60 * MiB }),
      'partition 2 (ephemeral) is at 60.0+16.0 MiB instead of 37.0+16.0 MiB',
    ],
    [
      'another size',
      changed(2, { bytes: 99 * MiB }),
      'partition 2 (ephemeral) is at 37.0+99.0 MiB instead of 37.0+16.0 MiB',
    ],
    ['another type', changed(1, { type: 'x' }), 'partition 1 (EFI system) has the type x instead of c12a7328'],
    ['a config drive that does not fit', changed(4, { bytes: 2048 }), 'has 2048 bytes, the config drive needs 4096'],
    [
      'data in place of a config drive',
      changed(4, { bytes: 10 * GiB }),
      'partition 4 (config drive) is at 61.0+10240.0 MiB instead of 61.0+2.0 MiB',
    ],
    [
      'a config drive in another place',
      changed(4, { start: 70 * MiB, bytes: 4 * MiB }),
      'partition 4 (config drive) is at 70.0+4.0 MiB instead of 61.0+2.0 MiB',
    ],
    ['no table', { label: 'none', partitions: [] }, 'it has a table of kind none instead of gpt'],
  ] as const)('is refused: %s', (_what, table, problem) => {
    expect(() => matchExisting(layout, table, 4096)).toThrow(problem);
  });

  it('takes the config drive of an earlier deployment, of any size that one may have', () => {
    const places = (mib: number) => {
      const earlier = written(layoutOf('bios', 'msdos', {}, mib));
      return matchExisting(layoutOf('bios', 'msdos'), earlier, MiB).partitions;
    };
    for (const mib of [1, 2, 64, 132]) {
      expect(places(mib)[2]).toMatchObject({ role: 'config-drive', start: 25 * MiB, bytes: mib * MiB });
      expect(places(mib)[3]).toMatchObject({ role: 'root', start: (25 + mib) * MiB });
    }
  });

  it('never takes the ephemeral partition of the last deployment for the config drive of this one', () => {
    const last = written(layoutOf('bios', 'gpt', { ephemeralMib: 1024, swapMib: 0 }, 0));
    const now = layoutOf('bios', 'gpt', { ephemeralMib: 0, swapMib: 0 });
    expect(() => matchExisting(now, last, MiB)).toThrow('partition 2 (config drive) is at 2.0+1024.0 MiB');
  });

  it('is refused with more partitions, and all problems are named at once', () => {
    const fewer = layoutOf('uefi', 'gpt', { swapMib: 0 });
    expect(() => matchExisting(fewer, found, MiB)).toThrow(
      /partition 5 .* is not expected; partition 3 \(config drive\)/,
    );
  });
});
