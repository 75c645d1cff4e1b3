import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  gptSectorSizes,
  guidBytes,
  guidText,
  parseEntries,
  parseGptHeader,
  planGptRepair,
  primaryGpt,
} from '../../../src/image/gpt/index.ts';

interface Shape {
  readonly sectorBytes: number;
  readonly imageSectors: number;
  readonly partitions: readonly { readonly first: number; readonly last: number }[];
}

/** The front of a disk with a GPT, built field by field from the UEFI tables. */
function front({ sectorBytes, imageSectors, partitions }: Shape): Uint8Array {
  const head = Buffer.alloc(1 << 20);
  head.set([0, 0, 2, 0, 0xee, 0xff, 0xff, 0xff, 1, 0, 0, 0], 446);
  head.writeUInt32LE(Math.min(imageSectors - 1, 0xffffffff), 458);
  head.set([0x55, 0xaa], 510);
  partitions.forEach(({ first, last }, i) => {
    const at = 2 * sectorBytes + i * 128;
    head.set(guidBytes('0fc63daf-8483-4772-8e79-3d69d8477de4'), at);
    head.fill(i + 1, at + 16, at + 32);
    head.writeBigUInt64LE(BigInt(first), at + 32);
    head.writeBigUInt64LE(BigInt(last), at + 40);
    head.write(`part${i}`, at + 56, 'utf16le');
  });
  const at = sectorBytes;
  head.write('EFI PART', at, 'latin1');
  head.writeUInt32LE(0x10000, at + 8);
  head.writeUInt32LE(92, at + 12);
  const entrySectors = Math.ceil(16_384 / sectorBytes);
  const lbas = [1, imageSectors - 1, 2 + entrySectors, imageSectors - 2 - entrySectors];
  for (const [i, lba] of lbas.entries()) head.writeBigUInt64LE(BigInt(lba), at + 24 + 8 * i);
  head.writeBigUInt64LE(2n, at + 72);
  head.writeUInt32LE(128, at + 80);
  head.writeUInt32LE(128, at + 84);
  head.writeUInt32LE(crc32(head.subarray(2 * sectorBytes, 2 * sectorBytes + 16_384)), at + 88);
  head.writeUInt32LE(crc32(head.subarray(at, at + 92)), at + 16);
  return head;
}

const shapes = fc
  .record({
    sectorBytes: fc.constantFrom(512, 4096),
    imageSectors: fc.integer({ min: 4096, max: 2 ** 34 }),
    sizes: fc.array(fc.integer({ min: 1, max: 500 }), { maxLength: 6 }),
    extra: fc.integer({ min: 0, max: 2 ** 34 }),
  })
  .map(({ sizes, ...rest }) => {
    let next = 300;
    const partitions = sizes.map((size) => {
      const first = next;
      next += size;
      return { first, last: next - 1 };
    });
    return { ...rest, partitions };
  });

describe('GPT repair', () => {
  it('puts a consistent backup at the end of any larger disk and keeps the partitions', () => {
    fc.assert(
      fc.property(shapes, ({ extra, ...shape }) => {
        const { sectorBytes, imageSectors } = shape;
        const head = front(shape);
        const primary = primaryGpt(head, sectorBytes);
        if (primary === null) throw new Error('no primary');
        const entries = head.subarray(primary.entriesOffset, primary.entriesOffset + primary.entriesLength);
        const diskBytes = (imageSectors + extra) * sectorBytes;
        const repair = planGptRepair(head, primary, entries, diskBytes);
        if (repair.kind === 'cannot') throw new Error(repair.why);
        expect(repair.backup.offset + repair.backup.bytes.length).toBe(diskBytes);
        const backup = parseGptHeader(repair.backup.bytes.subarray(-sectorBytes));
        const [patch, mbr] = repair.front;
        const fixed = parseGptHeader(patch?.bytes ?? new Uint8Array());
        const lastLba = imageSectors + extra - 1;
        expect(fixed).toMatchObject({ ownLba: 1, otherLba: lastLba, entriesLba: 2 });
        expect(backup).toMatchObject({ ownLba: lastLba, otherLba: 1, lastUsable: fixed?.lastUsable });
        expect((backup?.entriesLba ?? 0) * sectorBytes).toBe(repair.backup.offset);
        expect(fixed?.lastUsable).toBe((backup?.entriesLba ?? 0) - 1);
        if (backup === null) throw new Error('no backup');
        expect(parseEntries(backup, repair.backup.bytes)).toEqual(parseEntries(primary.header, entries));
        expect(repair.moved).toBe(extra > 0);
        const size = Buffer.from(mbr?.bytes ?? head.subarray(458, 462)).readUInt32LE();
        expect(size).toBe(Math.min(lastLba, 0xffffffff));
      }),
      { numRuns: 60 },
    );
  });

  it('leaves a disk alone whose last partition reaches into the backup', () => {
    const head = front({ sectorBytes: 512, imageSectors: 10_000, partitions: [{ first: 2048, last: 9_960 }] });
    const primary = primaryGpt(head, 512);
    if (primary === null) throw new Error('no primary');
    const entries = head.subarray(1024, 1024 + 16_384);
    expect(planGptRepair(head, primary, entries, 9_990 * 512)).toMatchObject({ kind: 'cannot' });
    expect(planGptRepair(head, primary, entries, 10_000 * 512)).toMatchObject({ kind: 'write', moved: false });
  });

  it('does not believe damaged tables', () => {
    const shape = { sectorBytes: 512, imageSectors: 10_000, partitions: [{ first: 2048, last: 4096 }] };
    fc.assert(
      fc.property(fc.integer({ min: 512, max: 512 + 91 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const head = front(shape);
        head[at] = (head[at] ?? 0) ^ change;
        expect(primaryGpt(head, 512)).toBeNull();
      }),
    );
    const head = front(shape);
    const primary = primaryGpt(head, 512);
    if (primary === null) throw new Error('no primary');
    const wrong = new Uint8Array(16_384);
    expect(planGptRepair(head, primary, wrong, 20_000 * 512)).toMatchObject({ kind: 'cannot' });
  });

  it('tells the sector size by the place of the header', () => {
    const partitions = [{ first: 300, last: 400 }];
    expect(gptSectorSizes(front({ sectorBytes: 512, imageSectors: 9999, partitions }))).toEqual([512]);
    expect(gptSectorSizes(front({ sectorBytes: 4096, imageSectors: 9999, partitions }))).toEqual([4096]);
    expect(gptSectorSizes(new Uint8Array(8192))).toEqual([]);
  });

  it('writes and reads GUIDs alike', () => {
    fc.assert(fc.property(fc.uuid(), (guid) => guidText(guidBytes(guid)) === guid));
  });
});
