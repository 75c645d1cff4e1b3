import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { MiB, tellNobody } from '../../src/core/index.ts';
import { type ImageReport, planImage, writeImage } from '../../src/image/index.ts';
import { contentBlock, makeGptImage, sha256 } from '../kit/disk-image.ts';
import { realImagePorts, testSettings } from '../kit/image-ports.ts';
import type { Served } from '../kit/image-server.ts';
import { imageStage, isBlank, isUntouched } from '../kit/image-stage.ts';
import type { LoopDisk } from '../kit/loop-disk.ts';

const never = new AbortController().signal;
const SIZE = 48 * MiB;

const stage = imageStage(64 * MiB);
const { dir, newDisk } = stage;
let image: Buffer;

beforeAll(() => {
  const path = join(dir, 'image.raw');
  makeGptImage(path, SIZE, [
    { offset: MiB, data: contentBlock(1, 9 * MiB, 5) },
    { offset: 20 * MiB + 3072, data: contentBlock(2, 5 * MiB) },
  ]);
  image = readFileSync(path);
});

interface Order extends Partial<Served> {
  readonly info?: Readonly<Record<string, unknown>>;
  readonly path?: string;
  readonly rule?: 'oci' | 'always' | 'never';
  readonly signal?: AbortSignal;
}

function deploy(target: LoopDisk, content: Uint8Array, order: Order = {}): Promise<ImageReport> {
  const { info = {}, path = '/image.raw', rule = 'always', signal = never, ...served } = order;
  const url = stage.server().serve(path, { ...served, content });
  const plan = planImage(
    { id: 'test', urls: [url], disk_format: 'raw', os_hash_algo: 'sha256', os_hash_value: sha256(content), ...info },
    { ...testSettings, unpack: rule },
  );
  const hooks = { beforeFirstWrite: () => Promise.resolve(target) };
  return writeImage(realImagePorts(), plan, target, hooks, tellNobody, signal);
}

const half = SIZE / 2;
const parts = (pack: (bytes: Uint8Array) => Buffer) =>
  Buffer.concat([pack(image.subarray(0, half)), pack(image.subarray(half))]);

describe('a compressed raw image is unpacked on the way', () => {
  const cases: readonly (readonly [string, () => Buffer, Order])[] = [
    ['gzip', () => gzipSync(image), {}],
    ['gzip of two members', () => parts(gzipSync), {}],
    ['zstd', () => zstdCompressSync(image), {}],
    ['zstd of two frames', () => parts(zstdCompressSync), {}],
    [
      'zstd with a frame to skip',
      () => Buffer.concat([Buffer.from('502a4d180100000000', 'hex'), zstdCompressSync(image)]),
      {},
    ],
    ['a blob of a registry', () => zstdCompressSync(image), { rule: 'oci', path: '/v2/os/blobs/sha256:abcd' }],
    ['without declared format', () => gzipSync(image), { info: { disk_format: null } }],
    ['with a broken link', () => gzipSync(image), { faults: [{ kind: 'cut', after: 5 * MiB + 7 }] }],
    ['with a body in pieces', () => zstdCompressSync(image), { chunked: true, ranges: false }],
  ];
  it.each(cases)('%s', async (_, pack, order) => {
    const target = newDisk();
    const content = pack();
    const report = await deploy(target, content, order);
    expect(Buffer.compare(target.read(MiB, SIZE - MiB), image.subarray(MiB))).toBe(0);
    expect(isUntouched(target.read(SIZE, MiB))).toBe(true);
    expect(execFileSync('sgdisk', ['-v', target.path], { encoding: 'utf8' })).toContain('No problems found');
    expect(report).toMatchObject({ wireBytes: content.length, virtualSize: SIZE, digest: sha256(content) });
  });

  it.each(['oci', 'never'] as const)('but written as it is where the rule is %s', async (rule) => {
    const target = newDisk();
    const content = gzipSync(image);
    const report = await deploy(target, content, { rule });
    expect(Buffer.compare(target.read(0, content.length), content)).toBe(0);
    expect(report.virtualSize).toBe(content.length);
  });
});

describe('a compressed image that is refused before the disk is touched', () => {
  const cases: readonly (readonly [string, () => Buffer, Order, RegExp])[] = [
    ['damage at its start', () => Buffer.concat([gzipSync('').subarray(0, 10), image]), {}, /cannot be unpacked/],
    ['nothing in it', () => gzipSync(''), {}, /is empty/],
    [
      'more in it than the disk holds, as it says',
      () => zstdCompressSync(Buffer.alloc(65 * MiB)),
      {},
      /has only 64.0 MiB/,
    ],
    [
      'another format in it',
      () => {
        const inner = Buffer.alloc(MiB);
        inner.write('QFI\xfb', 'latin1');
        return zstdCompressSync(inner);
      },
      { info: { disk_format: null } },
      /holds qcow2/,
    ],
  ];
  it.each(cases)('%s', async (_, pack, order, message) => {
    const target = newDisk();
    await expect(deploy(target, pack(), order)).rejects.toMatchObject({
      type: 'InvalidImage',
      details: expect.stringMatching(message),
    });
    expect(isUntouched(target.all())).toBe(true);
  });

  it('a table for another sector size', async () => {
    const target = newDisk({ sectorBytes: 4096 });
    await expect(deploy(target, gzipSync(image))).rejects.toMatchObject({
      details: expect.stringMatching(/sector size/),
    });
    expect(isUntouched(target.all())).toBe(true);
  });
});

describe('a compressed image that fails later leaves a disk that cannot boot', () => {
  const cases: readonly (readonly [string, () => Buffer, Order, RegExp])[] = [
    ['gzip, cut short', () => gzipSync(image).subarray(0, -MiB), {}, /cannot be unpacked: .*unexpected end/],
    ['zstd, cut short', () => zstdCompressSync(image).subarray(0, -9), {}, /cannot be unpacked: .*unexpected end/],
    ['gzip with more behind it', () => Buffer.concat([gzipSync(image), image]), {}, /follow its end/],
    ['gzip with zeros behind it', () => Buffer.concat([gzipSync(image), Buffer.alloc(9)]), {}, /follow its end/],
    ['zstd with little behind it', () => Buffer.concat([zstdCompressSync(image), image]), {}, /follow its end/],
    [
      'zstd with much behind it',
      () => Buffer.concat([zstdCompressSync(image), Buffer.alloc(9 * MiB, 7)]),
      {},
      /follow its end/,
    ],
    ['more inside than the disk holds', () => gzipSync(Buffer.alloc(65 * MiB)), {}, /larger than \/dev/],
    ['a wrong digest', () => gzipSync(image), { info: { os_hash_value: 'ab'.repeat(32) } }, /expected was/],
  ];
  it.each(cases)('%s', async (_, pack, order, message) => {
    const target = newDisk();
    await expect(deploy(target, pack(), order)).rejects.toMatchObject({ details: expect.stringMatching(message) });
    expect(isBlank(target.read(0, MiB))).toBe(true);
    expect(isBlank(target.read(target.size - 5 * 4096, 5 * 4096))).toBe(true);
  });

  it('an abort in the middle', async () => {
    const target = newDisk();
    const content = gzipSync(image);
    const stop = new AbortController();
    const faults = [{ kind: 'stall', after: content.length - 100_000 }] as const;
    const failure = deploy(target, content, { faults, signal: stop.signal });
    setTimeout(() => stop.abort(new Error('the operator gave up')), 700);
    await expect(failure).rejects.toThrow('the operator gave up');
    expect(isBlank(target.read(0, MiB))).toBe(true);
  });
});
