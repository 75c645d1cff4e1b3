import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';
import { buildBinary } from '../../build/binary/index.ts';
import { cache } from '../../build/kit/index.ts';
import { MiB } from '../../src/core/index.ts';
import { contentBlock, makeGptImage, sha256 } from '../kit/disk-image.ts';
import { startImageServer } from '../kit/image-server.ts';
import { createLoopDisk } from '../kit/loop-disk.ts';
import { makeQcow2 } from '../kit/qcow2-maker.ts';

const SIZE = 96 * MiB;
const dir = mkdtempSync('/tmp/image-threads-');
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('the image pipeline inside a single executable', () => {
  it.each(['zlib', 'zstd'] as const)('decodes %s clusters on threads of its own', async (compression) => {
    const { path: writer } = await buildBinary({
      arch: 'x64',
      entry: join(import.meta.dirname, '../../bench/imaging-writer.ts'),
      folder: join(cache, 'imaging-writer'),
    });
    const raw = join(dir, 'image.raw');
    makeGptImage(raw, SIZE, [{ offset: 2 * MiB, data: contentBlock(1, 80 * MiB, 5) }]);
    const image = makeQcow2(raw, join(dir, 'image.qcow2'), { compression });
    const server = await startImageServer();
    const disk = createLoopDisk({ bytes: 100 * MiB });
    try {
      const url = server.serve('/image.qcow2', { content: image });
      const order = [url, 'qcow2', 'sha256', sha256(image), disk.path, String(disk.size)];
      const { stdout, stderr } = await execa(writer, order, {
        env: { PATH: process.env.PATH ?? '' },
        extendEnv: false,
      });
      expect(stderr).toBe('');
      const { events } = JSON.parse(stdout);
      expect(events['image.decode.thread-missing']).toBeUndefined();
      expect(events['image.decode.batches'].elsewhere).toBeGreaterThan(0);
      expect(Buffer.compare(disk.read(MiB, SIZE - MiB), readFileSync(raw).subarray(MiB))).toBe(0);
      execFileSync('sgdisk', ['-v', disk.path]);
    } finally {
      disk.close();
      await server.close();
    }
  });
});
