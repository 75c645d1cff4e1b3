import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { KiB, MiB, tellNobody } from '../../src/core/index.ts';
import { type ImageReport, planImage, writeImage } from '../../src/image/index.ts';
import { contentBlock, makeGptImage, sha256 } from '../kit/disk-image.ts';
import { realImagePorts, testSettings } from '../kit/image-ports.ts';
import type { Served } from '../kit/image-server.ts';
import { imageStage, isBlank, isUntouched } from '../kit/image-stage.ts';
import type { LoopDisk } from '../kit/loop-disk.ts';
import { edited, makeQcow2, makeScatteredQcow2, type Qcow2Options, rawContent } from '../kit/qcow2-maker.ts';

const never = new AbortController().signal;
const SIZE = 96 * MiB;

const stage = imageStage(100 * MiB);
const { dir, newDisk } = stage;
let raw: string;
let plain: Buffer;

beforeAll(() => {
  raw = join(dir, 'image.raw');
  makeGptImage(raw, SIZE, [
    { offset: MiB, data: contentBlock(1, 9 * MiB, 5) },
    { offset: 16 * MiB + 3 * KiB, data: contentBlock(2, 5 * MiB + 512, 3) },
    { offset: 60 * MiB, data: contentBlock(3, 11 * MiB, 9) },
    { offset: 90 * MiB, data: contentBlock(4, MiB) },
  ]);
  plain = makeQcow2(raw, join(dir, 'plain.qcow2'));
});

interface Order extends Partial<Served> {
  readonly info?: Readonly<Record<string, unknown>>;
  readonly begun?: () => void;
  readonly signal?: AbortSignal;
}

function deploy(target: LoopDisk, content: Uint8Array, order: Order = {}): Promise<ImageReport> {
  const { info = {}, begun = () => undefined, signal = never, ...served } = order;
  const url = stage.server().serve('/image.qcow2', { ...served, content });
  const plan = planImage(
    { id: 'test', urls: [url], disk_format: 'qcow2', os_hash_algo: 'sha256', os_hash_value: sha256(content), ...info },
    testSettings,
  );
  const hooks = {
    beforeFirstWrite: () => {
      begun();
      return Promise.resolve(target);
    },
  };
  return writeImage(realImagePorts(), plan, target, hooks, tellNobody, signal);
}

const decoderThreads = () =>
  readdirSync('/proc/self/task').filter((id) => readFileSync(`/proc/self/task/${id}/comm`, 'utf8') === 'decode\n')
    .length;

/** Everything but the front, which the table repair changes. */
function expectSame(target: LoopDisk, content: Buffer) {
  expect(Buffer.compare(target.read(MiB, content.length - MiB), content.subarray(MiB))).toBe(0);
  expect(isUntouched(target.read(content.length, target.size - 5 * 4096 - content.length))).toBe(true);
}

describe('qcow2 image to disk equals what qemu-img makes of it', () => {
  const variants: readonly (readonly [string, Qcow2Options])[] = [
    ['version 2', { compat: '0.10' }],
    ['version 2, deflate', { compat: '0.10', compression: 'zlib' }],
    ['version 3', {}],
    ['deflate', { compression: 'zlib' }],
    ['deflate, written out of order', { compression: 'zlib', outOfOrder: true }],
    ['zstd', { compression: 'zstd' }],
    ['zstd, written out of order', { compression: 'zstd', outOfOrder: true }],
    ['512-byte clusters', { clusterBytes: 512 }],
    ['512-byte clusters, deflate', { clusterBytes: 512, compression: 'zlib' }],
    ['4 KiB clusters, zstd', { clusterBytes: 4 * KiB, compression: 'zstd' }],
    ['2 MiB clusters', { clusterBytes: 2 * MiB }],
    ['2 MiB clusters, deflate', { clusterBytes: 2 * MiB, compression: 'zlib' }],
    ['2 MiB clusters, zstd', { clusterBytes: 2 * MiB, compression: 'zstd' }],
    ['preallocated tables', { extra: ['preallocation=metadata'] }],
  ];
  it.each(variants)('%s', async (name, options) => {
    const target = newDisk();
    const path = join(dir, `${name.replaceAll(/\W/g, '-')}.qcow2`);
    const image = makeQcow2(raw, path, options);
    const report = await deploy(target, image);
    expectSame(target, rawContent(path, join(dir, 'truth.raw')));
    expect(report).toMatchObject({
      format: 'qcow2',
      virtualSize: SIZE,
      wireBytes: image.length,
      digest: sha256(image),
    });
    expect(execFileSync('sgdisk', ['-v', target.path], { encoding: 'utf8' })).toContain('No problems found');
  });

  it('an image scattered by a running machine, with zero clusters and discards', async () => {
    const target = newDisk();
    const path = join(dir, 'scattered.qcow2');
    const random = (seed: number, below: number) => contentBlock(seed, 4).readUInt32LE() % below;
    const writes = Array.from({ length: 400 }, (_, i) => {
      const offset = random(i + 7, (SIZE - 256 * KiB) / 4096) * 4096;
      return `write -P ${(i % 250) + 1} ${offset} ${4096 * (1 + random(i + 9000, 48))}`;
    });
    const image = makeScatteredQcow2(path, SIZE, {}, [
      ...writes,
      'write -z 20M 3M',
      'discard 30M 2M',
      'write -z 40M 64k',
      'write -P 77 40m 4k',
    ]);
    await deploy(target, image);
    const truth = rawContent(path, join(dir, 'truth.raw'));
    expect(Buffer.compare(target.read(0, SIZE), truth)).toBe(0);
  });

  it('small clusters in any order on 4096-byte sectors', async () => {
    const target = newDisk({ sectorBytes: 4096 });
    const path = join(dir, 'small.qcow2');
    const places = Array.from({ length: 300 }, (_, i) => ((i * 7919) % 60_000) * 1536);
    const commands = places.map((at, i) => `write -P ${(i % 250) + 1} ${at} 512`);
    const image = makeScatteredQcow2(path, SIZE, { clusterBytes: 512 }, commands);
    await deploy(target, image);
    const truth = rawContent(path, join(dir, 'truth.raw'));
    expect(Buffer.compare(target.read(0, SIZE), truth)).toBe(0);
  });

  it('a server without ranges, with chunked bodies', async () => {
    const target = newDisk();
    const path = join(dir, 'noranges.qcow2');
    const image = makeQcow2(raw, path, { compression: 'zlib' });
    await deploy(target, image, { ranges: false, chunked: true });
    expectSame(target, readFileSync(raw));
  });

  it('cuts in the tables and in the data', async () => {
    const target = newDisk();
    const cut = (after: number) => ({ kind: 'cut', after }) as const;
    await deploy(target, plain, { faults: [cut(5 * MiB), cut(1000), cut(6 * MiB)] });
    expectSame(target, readFileSync(raw));
  });
});

describe('qcow2 image, refused before the disk is touched', () => {
  const refused: readonly (readonly [string, (image: Buffer) => Buffer, RegExp])[] = [
    ['version 1', (i) => edited(i, { offset: 4, value: 1, bytes: 4 }), /version 1/],
    [
      'a backing file',
      (i) => edited(i, { offset: 8, value: 1024, bytes: 8 }, { offset: 16, value: 11, bytes: 4 }),
      /backing/,
    ],
    ['AES encryption', (i) => edited(i, { offset: 32, value: 1, bytes: 4 }), /encrypted/],
    ['LUKS encryption', (i) => edited(i, { offset: 32, value: 2, bytes: 4 }), /encrypted/],
    ['the corrupt bit', (i) => edited(i, { offset: 79, value: 2, bytes: 1 }), /corrupt/],
    ['an external data file', (i) => edited(i, { offset: 79, value: 4, bytes: 1 }), /external/],
    ['extended L2 entries', (i) => edited(i, { offset: 79, value: 16, bytes: 1 }), /extended/],
    ['an unknown feature', (i) => edited(i, { offset: 72, value: 1, bytes: 4 }), /features/],
    [
      'an unknown compression',
      (i) => edited(i, { offset: 79, value: 8, bytes: 1 }, { offset: 104, value: 9, bytes: 1 }),
      /compression/,
    ],
    [
      'an external data file in an extension',
      (i) => edited(i, { offset: 112, value: 0x44415441, bytes: 4 }),
      /external/,
    ],
    ['a cluster size of 4 GiB', (i) => edited(i, { offset: 20, value: 32, bytes: 4 }), /cluster size/],
    ['an L1 table beyond the file', (i) => edited(i, { offset: 40, value: 1n << 40n, bytes: 8 }), /L1 table/],
    ['an L1 table over the header', (i) => edited(i, { offset: 40, value: 0, bytes: 8 }), /L1 table/],
    ['an L1 table that is too small', (i) => edited(i, { offset: 36, value: 0, bytes: 4 }), /L1 table/],
    [
      'a virtual size beyond the disk',
      (i) => edited(i, { offset: 24, value: 1n << 30n, bytes: 8 }, { offset: 36, value: 2, bytes: 4 }),
      /needs 1.0 GiB/,
    ],
    [
      'a virtual size beyond reason',
      (i) => edited(i, { offset: 24, value: (1n << 63n) + 1n, bytes: 8 }),
      /virtual size/,
    ],
    ['a file cut in its header', (i) => i.subarray(0, 60), /shorter/],
    ['a file cut in its tables', (i) => i.subarray(0, 200_000), /L1 table|beyond/],
  ];
  it.each(refused)('%s', async (_, change, message) => {
    const target = newDisk();
    let begun = false;
    const order = {
      begun: () => {
        begun = true;
      },
    };
    await expect(deploy(target, change(plain), order)).rejects.toMatchObject({
      type: 'InvalidImage',
      details: expect.stringMatching(message),
    });
    expect(begun).toBe(false);
    expect(isUntouched(target.all())).toBe(true);
  });

  const l1At = () => Number(plain.readBigUInt64BE(40));
  const l2At = () => Number(plain.readBigUInt64BE(l1At()) & 0x00ff_ffff_ffff_fe00n);
  const hostile: readonly (readonly [string, () => Buffer, RegExp])[] = [
    [
      'an L2 table beyond the file',
      () => edited(plain, { offset: l1At(), value: 1n << 45n, bytes: 8 }),
      /L2 table.*beyond/,
    ],
    [
      'an L2 table inside a cluster',
      () => edited(plain, { offset: l1At(), value: BigInt(l2At() + 512), bytes: 8 }),
      /not at a cluster/,
    ],
    [
      'an L2 table over the L1 table',
      () => edited(plain, { offset: l1At(), value: BigInt(l1At()), bytes: 8 }),
      /overlaps the L1/,
    ],
    [
      'data over the L1 table',
      () => edited(plain, { offset: l2At(), value: BigInt(l1At()), bytes: 8 }),
      /overlaps the L1/,
    ],
    ['data over the header', () => edited(plain, { offset: l2At() + 8, value: 512n, bytes: 8 }), /cluster|header/],
    [
      'data beyond the file',
      () => edited(plain, { offset: l2At() + 16, value: 1n << 44n, bytes: 8 }),
      /data cluster.*beyond/,
    ],
    [
      'compressed data beyond the file',
      () => edited(plain, { offset: l2At() + 16, value: (1n << 62n) | (1n << 44n), bytes: 8 }),
      /compressed.*beyond/,
    ],
  ];
  it.each(hostile)('%s', async (_, make, message) => {
    const target = newDisk();
    await expect(deploy(target, make())).rejects.toMatchObject({
      type: 'InvalidImage',
      details: expect.stringMatching(message),
    });
    expect(isUntouched(target.all())).toBe(true);
  });

  it('a polyglot of qcow2 and ISO', async () => {
    const target = newDisk();
    const image = Buffer.from(plain);
    image.write('CD001', 0x8001, 'latin1');
    await expect(deploy(target, image)).rejects.toMatchObject({ details: expect.stringMatching(/several formats/) });
    expect(isUntouched(target.all())).toBe(true);
  });

  it('a table for another sector size', async () => {
    const target = newDisk({ sectorBytes: 4096 });
    const path = join(dir, 'sector.qcow2');
    await expect(deploy(target, makeQcow2(raw, path, { compression: 'zlib' }))).rejects.toMatchObject({
      details: expect.stringMatching(/sector size/),
    });
    expect(isUntouched(target.all())).toBe(true);
  });
});

describe('qcow2 image that fails later leaves a disk that cannot boot', () => {
  it('damaged compressed data', async () => {
    const target = newDisk();
    const path = join(dir, 'damaged.qcow2');
    const image = makeQcow2(raw, path, { compression: 'zlib' });
    image.fill(0xff, image.length - 6 * MiB, image.length - 5 * MiB);
    await expect(deploy(target, image)).rejects.toMatchObject({
      type: 'InvalidImage',
      details: expect.stringMatching(/compressed cluster at \d+ cannot be read/),
    });
    expect(isBlank(target.read(0, MiB))).toBe(true);
    expect(decoderThreads()).toBe(0);
  });

  it('an abort in the middle, which also ends the decoder threads', async () => {
    const target = newDisk();
    const path = join(dir, 'aborted.qcow2');
    const image = makeQcow2(raw, path, { compression: 'zstd' });
    const stop = new AbortController();
    const failure = deploy(target, image, {
      faults: [{ kind: 'stall', after: image.length - 100_000 }],
      signal: stop.signal,
    });
    setTimeout(() => stop.abort(new Error('the operator gave up')), 700);
    await expect(failure).rejects.toThrow('the operator gave up');
    expect(isBlank(target.read(0, MiB))).toBe(true);
    expect(decoderThreads()).toBe(0);
  });

  it('the wrong digest', async () => {
    const target = newDisk();
    const failure = deploy(target, plain, { info: { os_hash_value: 'cd'.repeat(32) } });
    await expect(failure).rejects.toMatchObject({ type: 'ImageChecksumError' });
    expect(isBlank(target.read(0, MiB))).toBe(true);
  });

  it('other tables at first than in the image itself', async () => {
    const target = newDisk();
    const path = join(dir, 'late-table.qcow2');
    const commands = ['write -P 1 0 8M', 'write -P 2 90M 64k'];
    const image = makeScatteredQcow2(path, SIZE, { clusterBytes: 4 * KiB }, commands);
    const l1 = Number(image.readBigUInt64BE(40));
    const last = Number(image.readBigUInt64BE(l1 + 8 * 45) & 0x00ff_ffff_ffff_fe00n);
    expect(last).toBeGreaterThan(4 * MiB);
    const lie = edited(image, { offset: last, value: image.readBigUInt64BE(last + 8), bytes: 8 });
    await expect(deploy(target, image, { rangedContent: lie })).rejects.toMatchObject({
      type: 'InvalidImage',
      details: expect.stringMatching(/tables fetched first/),
    });
    expect(isBlank(target.read(0, MiB))).toBe(true);
  });
});
