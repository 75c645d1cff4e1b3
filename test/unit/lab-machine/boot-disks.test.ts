import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { partitionTable, partitionTypes } from '../../../lab/images/gpt.ts';
import { bootDisks, partitionGuids } from '../../../lab/machine/boot-disks.ts';
import type { MachineSpec } from '../../../lab/machine/index.ts';
import { bootEntries } from '../../../lab/machine/nvram.ts';

/** The store of a real OVMF after a network boot and a system that put its own entry first. */
const vars = gunzipSync(readFileSync(join(import.meta.dirname, 'fixtures', 'uefi-vars.fd.gz')));
const ENTRY_PARTITION = '308e155b-a0b7-4a57-8c0b-fb56c394da5f';

const directory = mkdtempSync(join(tmpdir(), 'boot-disks-'));
afterAll(() => rmSync(directory, { recursive: true }));

function diskFile(name: string, guid: string | null, bootCode: boolean, sectorBytes: 512 | 4096 = 512): string {
  const bytes = Buffer.alloc(1024 * 1024);
  const part = { name: 'esp', type: partitionTypes.esp, firstByte: 65_536, bytes: 65_536 };
  const patches = partitionTable({
    ...{ diskGuid: ENTRY_PARTITION, diskBytes: bytes.length, sectorBytes },
    partitions: guid === null ? [] : [{ ...part, guid }],
    ...(bootCode ? { bootCode: Buffer.alloc(440, 0xeb) } : {}),
  });
  for (const patch of patches) bytes.set(patch.bytes, patch.offset);
  const path = join(directory, name);
  writeFileSync(path, bytes);
  return path;
}

const spec = (firmware: MachineSpec['firmware'], sectorBytes: 512 | 4096 = 512): MachineSpec => ({
  ...{ name: 'n', firmware, cpus: 1, memoryMiB: 512, nics: [], bmc: false },
  disks: ['a', 'b'].map((name) => ({ name, bus: 'virtio' as const, sizeMiB: 1, serial: name, sectorBytes })),
});

describe('UEFI variables', () => {
  it('tell the boot entries in order, with the partition they start from', () => {
    const entries = bootEntries(vars);
    expect(entries[0]).toEqual({ name: 'Boot0042', label: 'debian', partition: ENTRY_PARTITION });
    expect(entries.map((entry) => entry.label)).toEqual(
      expect.arrayContaining(['UEFI PXEv4 (MAC:525400000001)', 'EFI Internal Shell']),
    );
    expect(entries.find((entry) => entry.label === 'UiApp')?.partition).toBeNull();
  });

  it('are refused when they are something else', () => {
    expect(() => bootEntries(Buffer.alloc(4096))).toThrow('not a firmware volume');
  });
});

describe('order of the disks', () => {
  const store = join(directory, 'vars.fd');
  writeFileSync(store, vars);

  it('in BIOS mode begins with those that have boot code', async () => {
    const files = { a: diskFile('a1', null, false), b: diskFile('b1', null, true) };
    expect(await bootDisks(spec('bios'), files, store)).toEqual(['b', 'a']);
  });

  it.each([512, 4096] as const)('in UEFI mode follows the boot entries, sectors of %i bytes', async (sectorBytes) => {
    const files = {
      a: diskFile('a2', 'ffffffff-b0b7-4a57-8c0b-fb56c394da5f', true, sectorBytes),
      b: diskFile('b2', ENTRY_PARTITION, false, sectorBytes),
    };
    expect(await bootDisks(spec('uefi', sectorBytes), files, store)).toEqual(['b', 'a']);
  });

  it('is that of the machine when nothing speaks for a disk', async () => {
    const files = { a: diskFile('a3', null, false), b: diskFile('b3', null, false) };
    expect(await bootDisks(spec('uefi'), files, store)).toEqual(['a', 'b']);
    expect(await bootDisks(spec('bios'), files, store)).toEqual(['a', 'b']);
  });

  it('reads no partitions where there is no table', () => {
    expect(partitionGuids(Buffer.alloc(24_576), 512)).toEqual([]);
  });
});
