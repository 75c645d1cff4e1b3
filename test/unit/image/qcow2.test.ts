import { deflateRawSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AgentError } from '../../../src/core/index.ts';
import { createClusterMap } from '../../../src/image/qcow2/cluster-map.ts';
import { createClusterDecoder } from '../../../src/image/qcow2/decompress.ts';
import { parseQcow2Header, type Qcow2Header } from '../../../src/image/qcow2/index.ts';
import { createTableWatch } from '../../../src/image/qcow2/table-watch.ts';
import { parseL1, parseL2 } from '../../../src/image/qcow2/tables.ts';
import { zstdFrameLength } from '../../../src/image/qcow2/zstd-frame.ts';

function header(changes: Readonly<Record<number, number>> = {}): Buffer {
  const bytes = Buffer.alloc(65_536);
  bytes.write('QFI\xfb', 'latin1');
  const words = { 4: 3, 20: 16, 28: 0x1000000, 36: 1, 44: 0x30000, 52: 0x10000, 56: 1, 96: 4, 100: 112, ...changes };
  for (const [offset, value] of Object.entries(words)) bytes.writeUInt32BE(value, Number(offset));
  return bytes;
}

const parsed = (clusterBits: number, compression: 'deflate' | 'zstd' = 'deflate'): Qcow2Header => ({
  version: 3,
  clusterBits,
  clusterBytes: 2 ** clusterBits,
  virtualSize: 2 ** 30,
  l1Offset: 2 ** clusterBits,
  l1Entries: Math.ceil(2 ** 30 / 2 ** (2 * clusterBits - 3)),
  compression,
  dirty: false,
});

describe('qcow2 header', () => {
  it('reads version 2 and 3', () => {
    expect(parseQcow2Header(header(), 2 ** 20)).toMatchObject({
      version: 3,
      virtualSize: 2 ** 24,
      clusterBytes: 65_536,
    });
    expect(parseQcow2Header(header({ 4: 2, 72: 99, 76: 99 }), 2 ** 20)).toMatchObject({ version: 2, dirty: false });
    expect(parseQcow2Header(header({ 76: 1 }), 2 ** 20).dirty).toBe(true);
  });

  it('answers any bytes with a header or a clear refusal, never with a crash', () => {
    const edits = fc.array(fc.tuple(fc.integer({ min: 4, max: 160 }), fc.integer({ min: 0, max: 255 })), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(
        edits,
        fc.option(fc.integer({ min: 0, max: 2 ** 40 })),
        fc.integer({ min: 4, max: 65_536 }),
        (list, size, cut) => {
          const bytes = header();
          for (const [at, value] of list) bytes[at] = value;
          try {
            const found = parseQcow2Header(bytes.subarray(0, cut), size);
            expect(found.l1Offset % found.clusterBytes).toBe(0);
            expect(found.l1Entries * 8).toBeLessThanOrEqual(32 << 20);
          } catch (error) {
            expect(error).toBeInstanceOf(AgentError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('qcow2 tables', () => {
  it.each([9, 12, 16, 21])('reads compressed descriptors of 2^%i clusters back', (bits) => {
    const head = parsed(bits);
    const places = fc.tuple(
      fc.integer({ min: 2 ** 22, max: 2 ** 40 }),
      fc.integer({ min: 0, max: 2 ** (bits - 8) - 1 }),
    );
    fc.assert(
      fc.property(places, ([host, sectors]) => {
        const l2 = Buffer.alloc(head.clusterBytes);
        const shift = BigInt(62 - (bits - 8));
        l2.writeBigUInt64BE((1n << 62n) | (BigInt(sectors) << shift) | BigInt(host), 8);
        const map = createClusterMap(4096, head.clusterBytes);
        parseL2(l2, { offset: 0, guest: 0 }, head, { fileBytes: 2 ** 50 }, map);
        const built = map.build();
        expect(built.count).toBe(1);
        expect(built.extent(0)).toEqual({
          host,
          guest: 1,
          clusters: 1,
          compressedBytes: (sectors + 1) * 512 - (host % 512),
        });
      }),
      { numRuns: 50 },
    );
  });

  it('lists clusters in the order of the file, neighbours joined', () => {
    const map = createClusterMap(100, 512);
    for (const [host, guest] of [
      [5120, 7],
      [512, 0],
      [1024, 1],
      [1536, 2],
      [5632, 8],
      [6144, 30],
    ] as const)
      map.addPlain(host, guest);
    const built = map.build();
    const all = Array.from({ length: built.count }, (_, i) => built.extent(i));
    expect(all.map(({ host, guest, clusters }) => [host, guest, clusters])).toEqual([
      [512, 0, 3],
      [5120, 7, 1],
      [5632, 8, 1],
      [6144, 30, 1],
    ]);
    expect([built.hasData(2), built.hasData(3)]).toEqual([true, false]);
    expect([built.hasDataBetween(9, 30), built.hasDataBetween(9, 31)]).toEqual([false, true]);
  });

  it('keeps every cluster, whatever the order', () => {
    const clusters = fc.uniqueArray(fc.integer({ min: 0, max: 5000 }), { maxLength: 300 });
    fc.assert(
      fc.property(clusters, (guests) => {
        const map = createClusterMap(5001, 512);
        const host = (guest: number) => 512 * (1 + ((guest * 7919) % 5003));
        for (const guest of guests) map.addPlain(host(guest), guest);
        const built = map.build();
        const seen = new Map<number, number>();
        for (let i = 0; i < built.count; i++) {
          const extent = built.extent(i);
          for (let k = 0; k < extent.clusters; k++) seen.set(extent.guest + k, extent.host + 512 * k);
        }
        expect(seen).toEqual(new Map(guests.map((guest) => [guest, host(guest)])));
        expect(guests.every((guest) => built.hasData(guest))).toBe(true);
      }),
    );
  });

  it('refuses bombs: absurd cluster counts and tables used twice', () => {
    expect(() => createClusterMap(2 ** 30, 512)).toThrow(/too many/);
    const head = { ...parsed(16), l1Entries: 2 };
    const l1 = Buffer.alloc(16);
    l1.writeBigUInt64BE(0x50000n, 0);
    l1.writeBigUInt64BE(0x50000n, 8);
    expect(() => parseL1(l1, head, { fileBytes: 2 ** 20 })).toThrow(/share/);
  });
});

function decompressCluster(input: Uint8Array, head: Qcow2Header): Uint8Array {
  const cluster = new Uint8Array(head.clusterBytes);
  const decoder = createClusterDecoder(head);
  decoder.decode(input, cluster, 0);
  decoder.close();
  return cluster;
}

describe('compressed clusters', () => {
  const content = Buffer.alloc(4096, 'some text that compresses well ');
  const bytes = fc.uint8Array({ maxLength: 600 });

  it.each([
    ['deflate', (data: Uint8Array) => deflateRawSync(data, { windowBits: 12 })],
    ['zstd', (data: Uint8Array) => zstdCompressSync(data)],
  ] as const)('%s: whatever follows is ignored', (compression, compress) => {
    fc.assert(
      fc.property(bytes, (tail) => {
        const input = Buffer.concat([compress(content), tail]);
        const output = decompressCluster(input, parsed(12, compression));
        expect(Buffer.compare(output, content)).toBe(0);
      }),
    );
    const another = Buffer.concat([compress(content), compress(content)]);
    expect(decompressCluster(another, parsed(12, compression))).toHaveLength(4096);
  });

  it.each([
    ['deflate', 'too little', deflateRawSync(Buffer.alloc(100))],
    ['zstd', 'too little', zstdCompressSync(Buffer.alloc(100))],
    ['deflate', 'a cut stream', deflateRawSync(content).subarray(0, 20)],
    ['zstd', 'a cut stream', zstdCompressSync(content).subarray(0, 20)],
    ['zstd', 'no frame', Buffer.alloc(100)],
  ] as const)('%s: refuses %s', (compression, _, input) => {
    expect(() => decompressCluster(input, parsed(12, compression))).toThrow(/cannot be read/);
  });

  it.each([
    ['deflate', deflateRawSync(Buffer.alloc(1 << 24, 7))],
    ['zstd', zstdCompressSync(Buffer.alloc(1 << 24, 7))],
  ] as const)('%s: a bomb makes one cluster and no more', (compression, input) => {
    expect(decompressCluster(input, parsed(12, compression)).every((byte) => byte === 7)).toBe(true);
  });

  it('finds the end of zstd frames of any content', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), fc.boolean(), bytes, (data, repeat, tail) => {
        const frame = zstdCompressSync(repeat ? Buffer.concat(Array.from({ length: 100 }, () => data)) : data);
        expect(zstdFrameLength(Buffer.concat([frame, tail]))).toBe(frame.length);
      }),
    );
  });
});

describe('table watch', () => {
  it('sees the same bytes however the stream is cut, and any change', () => {
    const file = Buffer.from(Array.from({ length: 2000 }, (_, i) => (i * 31) & 0xff));
    const ranges = [
      { offset: 10, length: 100 },
      { offset: 110, length: 50 },
      { offset: 1900, length: 100 },
    ];
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 400 })),
        fc.option(fc.integer({ min: 0, max: 1999 })),
        (cuts, flip) => {
          const watch = createTableWatch(ranges);
          for (const { offset, length } of ranges) watch.fetched(file.subarray(offset, offset + length));
          const sent = Buffer.from(file);
          if (flip !== null) sent[flip] = (sent[flip] ?? 0) ^ 1;
          let at = 0;
          for (const cut of [...cuts, 2000]) {
            watch.streamed(sent.subarray(at, at + cut), at);
            at = Math.min(2000, at + cut);
          }
          const hit = flip !== null && ranges.some(({ offset, length }) => flip >= offset && flip < offset + length);
          expect(watch.matches()).toBe(!hit);
        },
      ),
    );
  });
});
