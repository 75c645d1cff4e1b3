import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { MiB, tellNobody } from '../../src/core/index.ts';
import {
  assertRecognisable,
  type ImageReport,
  type ImageSettings,
  planImage,
  writeImage,
} from '../../src/image/index.ts';
import { makeCertificates } from '../kit/certificates.ts';
import { contentBlock, makeGptImage, sha256 } from '../kit/disk-image.ts';
import { realImagePorts, testSettings } from '../kit/image-ports.ts';
import { type Served, startImageServer } from '../kit/image-server.ts';
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
    { offset: MiB, data: contentBlock(1, 7 * MiB) },
    { offset: 12 * MiB + 4096, data: contentBlock(2, 3 * MiB + 512) },
    { offset: 40 * MiB, data: contentBlock(3, 7 * MiB) },
  ]);
  image = readFileSync(path);
});

interface Order extends Partial<Served> {
  readonly info?: Readonly<Record<string, unknown>>;
  readonly settings?: Partial<ImageSettings>;
  readonly signal?: AbortSignal;
}

function deploy(target: LoopDisk, order: Order = {}): Promise<ImageReport> {
  const { info = {}, settings = {}, signal = never, ...served } = order;
  const content = served.content ?? image;
  const url = stage.server().serve('/image.raw', { ...served, content });
  const digest = typeof content === 'string' ? '' : sha256(content);
  const plan = planImage(
    { id: 'test', urls: [url], disk_format: 'raw', os_hash_algo: 'sha256', os_hash_value: digest, ...info },
    { ...testSettings, ...settings },
  );
  const hooks = { beforeFirstWrite: () => Promise.resolve(target) };
  return writeImage(realImagePorts(), plan, target, hooks, tellNobody, signal);
}

describe('raw image to disk', () => {
  it('writes every byte, keeps what lies beyond, moves the backup table to the end', async () => {
    const target = newDisk();
    const report = await deploy(target);
    const written = target.all();
    expect(Buffer.compare(written.subarray(MiB, SIZE), image.subarray(MiB))).toBe(0);
    expect(isUntouched(written.subarray(SIZE, target.size - 5 * 4096))).toBe(true);
    expect(execFileSync('sgdisk', ['-v', target.path], { encoding: 'utf8' })).toContain('No problems found');
    const [was, is] = [join(dir, 'image.raw'), target.path].map((path) =>
      execFileSync('sgdisk', ['-i', '2', path], { encoding: 'utf8' }),
    );
    expect(is).toBe(was);
    expect(report).toMatchObject({
      wireBytes: SIZE,
      virtualSize: SIZE,
      format: 'raw',
      algorithm: 'sha256',
      digest: sha256(image),
      mbrSignature: '0x00000000',
      urlWithoutQuery: `${stage.server().url}/image.raw`,
    });
    expect(report.diskBytes + report.holeBytes).toBe(SIZE);
    expect(report.holeBytes).toBeGreaterThan(20 * MiB);
  });

  it.each([
    ['exactly as large as the disk', SIZE, 0],
    ['of an odd length', 5 * MiB + 777, 0],
    ['smaller than the withheld front', 100_000, 0],
  ])('writes an image %s', async (_, bytes) => {
    const target = newDisk({ bytes: SIZE });
    const content = bytes === SIZE ? image : contentBlock(9, bytes);
    await deploy(target, { content });
    expect(Buffer.compare(target.read(0, bytes), content)).toBe(0);
    if (bytes > MiB && bytes < SIZE) expect(isUntouched(target.read(bytes, MiB))).toBe(true);
  });

  it('punches long holes and leaves zeros there', async () => {
    const target = newDisk({ bytes: 256 * MiB });
    const content = Buffer.alloc(200 * MiB);
    content.set(contentBlock(5, 3 * MiB), 0);
    content.set(contentBlock(6, 3 * MiB), 197 * MiB);
    const report = await deploy(target, { content });
    expect(Buffer.compare(target.read(0, content.length), content)).toBe(0);
    expect(isUntouched(target.read(content.length, MiB))).toBe(true);
    expect(report.holeBytes).toBe(192 * MiB);
  });

  it('works on 4096-byte sectors', async () => {
    const target = newDisk({ sectorBytes: 4096 });
    const path = join(dir, 'image4k.raw');
    makeGptImage(path, SIZE, [{ offset: 8 * MiB, data: contentBlock(4, 9 * MiB) }], 4096);
    const content = Buffer.concat([readFileSync(path), contentBlock(8, 1000)]);
    await deploy(target, { content });
    expect(Buffer.compare(target.read(MiB, content.length - MiB), content.subarray(MiB))).toBe(0);
    expect(isUntouched(target.read(content.length, 3096))).toBe(true);
    expect(execFileSync('sgdisk', ['-v', target.path], { encoding: 'utf8' })).toContain('No problems found');
  });

  it('accepts chunked bodies and images without declared format', async () => {
    const target = newDisk();
    const report = await deploy(target, { chunked: true, ranges: false, info: { disk_format: null } });
    expect(report.format).toBe('gpt');
    expect(Buffer.compare(target.read(MiB, SIZE - MiB), image.subarray(MiB))).toBe(0);
  });

  it('over TLS with an authority from a file and a client certificate', async () => {
    const target = newDisk();
    const made = makeCertificates();
    const secure = await startImageServer({ ...made.server, ca: made.ca, requestCert: true });
    const urls = [secure.serve('/image.raw', { content: image })];
    const tls = {
      ...testSettings.tls,
      cafile: made.caFile,
      certfile: made.client.certFile,
      keyfile: made.client.keyFile,
    };
    await deploy(target, { info: { urls }, settings: { tls } });
    expect(Buffer.compare(target.read(MiB, SIZE - MiB), image.subarray(MiB))).toBe(0);
    const unknown = deploy(newDisk(), { info: { urls } });
    await expect(unknown).rejects.toMatchObject({ type: 'ImageDownloadFatalError' });
    target.close();
    await secure.close();
    made.close();
  });

  it('tells progress in bytes', async () => {
    const seen: number[] = [];
    const url = stage.server().serve('/progress.raw', { content: image });
    const plan = planImage({ id: 'p', urls: [url], disk_format: 'raw', checksum: sha256(image) }, testSettings);
    const target = newDisk();
    const hooks = { beforeFirstWrite: () => Promise.resolve(target) };
    await writeImage(realImagePorts(), plan, target, hooks, (report) => seen.push(report.done), never);
    expect(seen.at(-1)).toBe(SIZE);
  });
});

describe('raw image, interrupted', () => {
  it('resumes by range where the link was cut', async () => {
    const target = newDisk();
    stage.server().requests.length = 0;
    await deploy(target, {
      faults: [
        { kind: 'cut', after: 20 * MiB + 5 },
        { kind: 'cut', after: 9 * MiB },
      ],
    });
    expect(Buffer.compare(target.read(MiB, SIZE - MiB), image.subarray(MiB))).toBe(0);
    expect(stage.server().requests.map((seen) => seen.range)).toEqual([
      null,
      `bytes=${20 * MiB + 5}-`,
      `bytes=${29 * MiB + 5}-`,
    ]);
  });

  it('starts over without losing its place when the server knows no ranges', async () => {
    const target = newDisk();
    await deploy(target, { ranges: false, faults: [{ kind: 'cut', after: 20 * MiB + 5 }] });
    expect(Buffer.compare(target.read(MiB, SIZE - MiB), image.subarray(MiB))).toBe(0);
  });

  it('resumes after a stall', async () => {
    const target = newDisk();
    await deploy(target, { faults: [{ kind: 'stall', after: 3 * MiB }], settings: { connectionTimeoutMs: 300 } });
    expect(Buffer.compare(target.read(MiB, SIZE - MiB), image.subarray(MiB))).toBe(0);
  });

  it('leaves the disk unbootable when the link stays broken', async () => {
    const target = newDisk();
    const cut = { kind: 'cut', after: 2 * MiB } as const;
    const failure = deploy(target, { faults: Array.from({ length: 9 }, () => cut) });
    await expect(failure).rejects.toMatchObject({
      type: 'ImageDownloadError',
      details: expect.stringMatching(/4 tries/),
    });
    expect(isBlank(target.read(0, MiB))).toBe(true);
    expect(isBlank(target.read(target.size - 5 * 4096, 5 * 4096))).toBe(true);
  });

  it('never publishes an image with the wrong digest', async () => {
    const target = newDisk({ bytes: SIZE });
    stage.server().requests.length = 0;
    const failure = deploy(target, { info: { os_hash_value: 'ab'.repeat(32) } });
    await expect(failure).rejects.toMatchObject({ type: 'ImageChecksumError' });
    expect(stage.server().requests).toHaveLength(2);
    expect(isBlank(target.read(0, MiB))).toBe(true);
    expect(isBlank(target.read(target.size - 5 * 4096, 5 * 4096))).toBe(true);
  });

  it('stops at once when aborted, with a blank front', async () => {
    const target = newDisk();
    const stop = new AbortController();
    const failure = deploy(target, { faults: [{ kind: 'stall', after: 30 * MiB }], signal: stop.signal });
    setTimeout(() => stop.abort(new Error('stopped by the operator')), 400);
    await expect(failure).rejects.toThrow('stopped by the operator');
    expect(isBlank(target.read(0, MiB))).toBe(true);
  });

  it('gives up for good after the maximum duration', async () => {
    const target = newDisk();
    const failure = deploy(target, { faults: [{ kind: 'stall', after: 0 }], settings: { maxDurationMs: 300 } });
    await expect(failure).rejects.toMatchObject({ type: 'ImageDownloadTimeoutError' });
    expect(isUntouched(target.all())).toBe(true);
  });
});

describe('raw image, refused before the disk is touched', () => {
  const cases: readonly (readonly [string, Order, string, RegExp, number])[] = [
    ['a missing image', { info: { urls: ['http://127.0.0.1:1/nothing'] } }, 'ImageDownloadError', /ECONNREFUSED/, 0],
    ['404', { faults: [{ kind: 'status', status: 404 }] }, 'ImageDownloadFatalError', /answered 404/, 1],
    ['401', { authorization: 'Basic x' }, 'ImageDownloadFatalError', /answered 401/, 1],
    ['an empty image', { content: Buffer.alloc(0) }, 'InvalidImage', /empty/, 1],
    ['an image larger than the disk', { content: Buffer.alloc(65 * MiB) }, 'InvalidImage', /has only 64.0 MiB/, 1],
    ['a raw image declared as qcow2', { info: { disk_format: 'qcow2' } }, 'InvalidImage', /declared as qcow2/, 1],
    [
      'a format that is not permitted',
      { info: { disk_format: null }, settings: { permittedFormats: ['qcow2'] } },
      'InvalidImage',
      /not permitted/,
      1,
    ],
  ];
  it.each(cases)('%s', async (_, order, type, message, requests) => {
    const target = newDisk();
    stage.server().requests.length = 0;
    await expect(deploy(target, order)).rejects.toMatchObject({ type, details: expect.stringMatching(message) });
    expect(stage.server().requests).toHaveLength(requests);
    expect(isUntouched(target.all())).toBe(true);
  });

  it('a table for another sector size', async () => {
    const disk = newDisk({ sectorBytes: 4096 });
    await expect(deploy(disk)).rejects.toMatchObject({
      type: 'InvalidImage',
      details: expect.stringMatching(/sector size/),
    });
    expect(isUntouched(disk.all())).toBe(true);
  });

  it('503 twice, then good', async () => {
    const target = newDisk();
    stage.server().requests.length = 0;
    const busy = { kind: 'status', status: 503 } as const;
    const limited = { kind: 'status', status: 429, headers: { 'retry-after': '1' } } as const;
    const began = performance.now();
    await deploy(target, { faults: [busy, limited] });
    expect(stage.server().requests).toHaveLength(3);
    expect(performance.now() - began).toBeGreaterThan(990);
  });

  it('says who holds the disk', async () => {
    const target = newDisk({ fill: null });
    execFileSync('mkfs.ext4', ['-q', target.path]);
    const mountPoint = mkdtempSync('/tmp/image-held-');
    execFileSync('mount', [target.path, mountPoint]);
    try {
      await expect(deploy(target)).rejects.toMatchObject({
        type: 'ImageWriteError',
        details: expect.stringContaining(`is mounted at ${mountPoint}`),
      });
    } finally {
      execFileSync('umount', [mountPoint]);
      rmSync(mountPoint, { recursive: true });
    }
  });

  it('uses a checksum file beside the image', async () => {
    const target = newDisk();
    const sums = `# sums\n${sha256(Buffer.alloc(1))}  other.raw\n${sha256(image)} *image.raw\n`;
    const checksum = stage.server().serve('/SHA256SUMS', { content: Buffer.from(sums) });
    const report = await deploy(target, { info: { os_hash_algo: null, os_hash_value: null, checksum } });
    expect(report.digest).toBe(sha256(image));
  });
});

describe('the disk after the write', () => {
  it('is accepted with a partition table, and refused when nothing on it can be recognised', async () => {
    const good = newDisk();
    await deploy(good);
    await assertRecognisable(realImagePorts(), good, never);
    good.close();
    const odd = newDisk();
    await deploy(odd, { content: contentBlock(9, 8 * MiB) });
    await expect(assertRecognisable(realImagePorts(), odd, never)).rejects.toThrow(/neither a partition table/);
  });
});
