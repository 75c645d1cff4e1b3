import { randomBytes } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sharedMemory } from '../../../../src/system/block/index.ts';
import { createStreamDecoder, type StreamCodec, type StreamStep } from '../../../../src/system/threads/codec/stream.ts';
import { createStreamThread, type StreamThread } from '../../../../src/system/threads/codec/stream-thread.ts';

const compress: Readonly<Record<StreamCodec, (data: Uint8Array) => Buffer>> = {
  gzip: (data) => gzipSync(data),
  zstd: (data) => zstdCompressSync(data),
};
const NOTHING = new Uint8Array(0);
const threadFrom = (text: string) => () => new Worker(text, { eval: true });

describe.each(['gzip', 'zstd'] as const)('a %s stream decoded in steps', (codec) => {
  /** All that comes out when input and output come in pieces of these sizes, or why nothing does. */
  function decoded(packed: Uint8Array, inputBytes: number, outputBytes: number): Buffer | string {
    const decoder = createStreamDecoder(codec);
    const [parts, output]: [Buffer[], Uint8Array] = [[], new Uint8Array(outputBytes)];
    try {
      for (let at = 0; ; ) {
        const input = packed.subarray(at, at + inputBytes);
        const step = decoder.step(input, output, input.length === 0);
        if ('fault' in step) return step.fault;
        parts.push(Buffer.from(output.subarray(0, step.made)));
        at += input.length - step.left;
        if (step.made === outputBytes) continue;
        if (step.left > 0) return `${step.left} left`;
        if (input.length === 0) return Buffer.concat(parts);
      }
    } finally {
      decoder.close();
    }
  }
  const sizes = [fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 300 })] as const;
  const contents = fc.array(fc.uint8Array({ minLength: 0, maxLength: 400 }), { minLength: 1, maxLength: 3 });

  it('is what was packed, however input and output are cut, also of several members', () => {
    fc.assert(
      fc.property(contents, ...sizes, (all, inputBytes, outputBytes) => {
        const packed = Buffer.concat(all.map((content) => compress[codec](content)));
        expect(decoded(packed, inputBytes, outputBytes)).toEqual(Buffer.concat(all));
      }),
    );
  });

  it('is refused when it is cut, and when something follows it', () => {
    const [content, more] = [randomBytes(500), Buffer.from('more')];
    const packed = compress[codec](content);
    for (const bytes of [1, 64, 4096]) {
      for (let length = 0; length < packed.length; length += 7)
        expect(decoded(packed.subarray(0, length), bytes, bytes)).toBe('unexpected end of file');
      expect(decoded(Buffer.concat([packed, more]), bytes, bytes)).toMatch(/left$|incorrect header check|end of file/);
      expect(decoded(Buffer.concat([packed, Buffer.alloc(9)]), bytes, bytes)).toMatch(/left$|end of file/);
    }
  });

  it('is refused when it ends anywhere inside a later member', () => {
    const packed = compress[codec](randomBytes(90));
    for (const bytes of [1, 3, 64, 4096])
      for (let length = 1; length < packed.length; length += 1) {
        const cut = Buffer.concat([packed, packed.subarray(0, length)]);
        expect(decoded(cut, bytes, bytes)).toBe('unexpected end of file');
      }
  });

  it('is never made up: damage gives a fault or, unseen by the format, bytes of the right kind, and always an end', () => {
    const packed = compress[codec](Buffer.from('a kernel, an initramfs and a root file system. '.repeat(40)));
    fc.assert(
      fc.property(fc.nat(packed.length - 1), fc.integer({ min: 1, max: 255 }), ...sizes, (at, flip, ...cuts) => {
        const damaged = Buffer.from(packed);
        damaged[at] = (damaged[at] ?? 0) ^ flip;
        expect(['string', 'object']).toContain(typeof decoded(damaged, ...cuts));
      }),
    );
  });

  it('is the same from another thread, from this one where none can be started, and from this one when told to', async () => {
    const content = randomBytes(3000);
    const packed = compress[codec](content);
    const memory = sharedMemory(8192);
    memory.set(packed);
    const output = memory.subarray(4096, 4096 + content.length);
    const missing: string[] = [];
    const onMissing = (reason: string) => void missing.push(reason);
    const whole = async (made: Promise<StreamThread>) => {
      const thread = await made;
      output.fill(0);
      const steps: StreamStep[] = [
        await thread.step(memory.subarray(0, packed.length), output, false),
        await thread.step(NOTHING, memory.subarray(8000), true),
      ];
      await thread.close();
      expect(steps).toEqual([
        { made: content.length, left: 0 },
        { made: 0, left: 0 },
      ]);
      expect(Buffer.compare(output, content)).toBe(0);
    };
    await whole(createStreamThread(codec, { onMissing }));
    expect(missing).toEqual([]);
    await whole(createStreamThread(codec, { onMissing, start: null }));
    await whole(createStreamThread(codec, { onMissing, start: threadFrom('process.exit(3)') }));
    await whole(createStreamThread(codec, { onMissing, start: threadFrom('throw new Error("no memory")') }));
    expect(missing).toEqual(['it exited with code 3', 'no memory']);
  });

  it('tells of damage from another thread as from this one', async () => {
    const input = compress[codec](randomBytes(3000)).fill(0xff, 4, 40);
    const faults = await Promise.all(
      [undefined, null].map(async (start) => {
        const thread = await createStreamThread(codec, start === undefined ? {} : { start });
        const step = await thread.step(input, sharedMemory(4096), false);
        await thread.close();
        return step;
      }),
    );
    expect(faults[0]).toEqual({ fault: expect.any(String) });
    expect(faults[1]).toEqual(faults[0]);
  });

  it('is lost with its thread', async () => {
    const dies = `const { parentPort } = require('node:worker_threads');
      parentPort.on('message', () => process.exit(7)); parentPort.postMessage('ready');`;
    const thread = await createStreamThread(codec, { start: threadFrom(dies) });
    const lost = { type: 'DecoderLost', details: expect.stringContaining('exited with code 7') };
    await expect(thread.step(NOTHING, sharedMemory(64), false)).rejects.toMatchObject(lost);
    await expect(thread.step(NOTHING, sharedMemory(64), false)).rejects.toMatchObject(lost);
    await thread.close();
  });
});
