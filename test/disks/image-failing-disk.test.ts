import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { MiB, tellNobody } from '../../src/core/index.ts';
import { type ImageSettings, planImage, type TargetDisk, writeImage } from '../../src/image/index.ts';
import { createFailingDisk } from '../kit/failing-disk.ts';
import { realImagePorts, testSettings } from '../kit/image-ports.ts';
import { imageStage } from '../kit/image-stage.ts';
import { makeQcow2 } from '../kit/qcow2-maker.ts';

/** The server falls silent after what the disk does not take any more: the disk is what everybody must hear of. */
const SIZE = 64 * MiB;
const stage = imageStage(SIZE);
const never = new AbortController().signal;
const raw = join(stage.dir, 'image.raw');
/** Half of it can be compressed. */
const content = Buffer.concat(Array.from({ length: SIZE / 4096 }, () => Buffer.alloc(4096, randomBytes(2048))));
writeFileSync(raw, content);

const unhandled: unknown[] = [];
const note = (error: unknown) => void unhandled.push(error);
let disk: TargetDisk & { close(): void };
beforeEach(() => {
  process.on('unhandledRejection', note);
  disk = createFailingDisk(3 * SIZE, 16 * MiB);
});
afterEach(() => {
  disk.close();
  process.off('unhandledRejection', note);
});

function makeVmdk(): Buffer {
  execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', 'vmdk', raw, `${raw}.vmdk`]);
  return readFileSync(`${raw}.vmdk`);
}

const threads = () =>
  readdirSync('/proc/self/task')
    .map((id) => readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim())
    .filter((name) => name === 'decode' || name === 'stream');

const settings: ImageSettings = { ...testSettings, unpack: 'always', connectionTimeoutMs: 60_000 };

it.each([
  ['raw', 'raw', 22, () => content],
  ['gzip', 'raw', 12, () => gzipSync(content, { level: 1 })],
  ['zstd', 'raw', 12, () => zstdCompressSync(content)],
  ['qcow2', 'qcow2', 23, () => makeQcow2(raw, `${raw}.q`)],
  ['compressed qcow2', 'qcow2', 13, () => makeQcow2(raw, `${raw}.qz`, { compression: 'zstd' })],
  ['staged vmdk', 'vmdk', 22, () => makeVmdk()],
])('a disk that fails is noticed while the server sends nothing: %s', async (_, format, silentFromMib, make) => {
  const image = make();
  const faults = [{ kind: 'stall', after: silentFromMib * MiB }] as const;
  const url = stage.server().serve('/image', { content: image, faults });
  const checksum = createHash('sha256').update(image).digest('hex');
  const plan = planImage(
    { id: 'test', urls: [url], disk_format: format, checksum },
    { ...settings, permittedFormats: ['raw', 'qcow2', 'vmdk'] },
  );
  const began = performance.now();
  const hooks = { beforeFirstWrite: () => Promise.resolve(disk) };
  await expect(writeImage(realImagePorts(), plan, disk, hooks, tellNobody, never)).rejects.toMatchObject({
    type: 'ImageWriteError',
    details: expect.stringMatching(`cannot write to ${disk.path} at byte \\d+`),
  });
  expect(performance.now() - began).toBeLessThan(20_000);
  expect(threads()).toEqual([]);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(unhandled).toEqual([]);
});
