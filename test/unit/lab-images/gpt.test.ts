import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { guidBytes, partitionTable, partitionTypes } from '../../../lab/images/gpt.ts';

const MiB = 1024 * 1024;
const directory = mkdtempSync(join(tmpdir(), 'gpt-'));
afterAll(() => rmSync(directory, { recursive: true }));

const spec = (sectorBytes: 512 | 4096) => ({
  diskGuid: '11111111-2222-4333-8444-555555555555',
  diskBytes: 8 * MiB,
  sectorBytes,
  partitions: [
    {
      name: 'esp',
      type: partitionTypes.esp,
      guid: '66666666-7777-4888-8999-aaaaaaaaaaaa',
      firstByte: MiB,
      bytes: 2 * MiB,
    },
  ],
});

describe('partition table', () => {
  it('is what sfdisk reads', () => {
    const disk = Buffer.alloc(8 * MiB);
    for (const patch of partitionTable(spec(512))) disk.set(patch.bytes, patch.offset);
    const path = join(directory, 'disk');
    writeFileSync(path, disk);
    const { partitiontable } = JSON.parse(execFileSync('sfdisk', ['--json', path], { encoding: 'utf8' }));
    expect(partitiontable).toMatchObject({ label: 'gpt', id: '11111111-2222-4333-8444-555555555555', lastlba: 16_350 });
    expect(partitiontable.partitions).toEqual([
      expect.objectContaining({ start: 2048, size: 4096, name: 'esp', uuid: '66666666-7777-4888-8999-AAAAAAAAAAAA' }),
    ]);
    expect(execFileSync('sfdisk', ['--verify', path], { encoding: 'utf8' })).toContain('No errors detected');
  });

  it('stands at the second and the last sector, also when sectors are large', () => {
    const places = partitionTable(spec(4096)).map((patch) => patch.offset / 4096);
    expect(places).toEqual([0, 1, 2, 2043, 2047]);
  });

  it('refuses partitions that split a sector', () => {
    const [partition] = spec(4096).partitions;
    const odd = { ...spec(4096), partitions: partition === undefined ? [] : [{ ...partition, firstByte: 512 }] };
    expect(() => partitionTable(odd)).toThrow('sector of 4096 bytes');
  });

  it('writes GUIDs with their first groups reversed', () => {
    expect(Buffer.from(guidBytes('00112233-4455-6677-8899-aabbccddeeff')).toString('hex')).toBe(
      '33221100554477668899aabbccddeeff',
    );
    expect(() => guidBytes('abc')).toThrow('not a GUID');
  });
});
