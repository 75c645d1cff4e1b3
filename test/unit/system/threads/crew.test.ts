import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { deflateRawSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { sharedMemory } from '../../../../src/system/block/index.ts';
import type { DecodePiece } from '../../../../src/system/threads/codec/batch.ts';
import { type CrewOptions, createDecodeCrew, defaultThreads } from '../../../../src/system/threads/codec/crew.ts';
import type { Codec } from '../../../../src/system/threads/codec/one-shot.ts';
import { startDecoderThread } from '../../../../src/system/threads/codec/start.ts';

const PIECE = 4096;
const COUNT = 40;
const compress = { deflate: deflateRawSync, zstd: zstdCompressSync };

/** Pieces whose input and output lie in shared memory, in batches of five. */
function stage(codec: Codec) {
  const memory = sharedMemory(COUNT * 4 * PIECE);
  const contents = Array.from({ length: COUNT }, (_, i) =>
    Buffer.concat([randomBytes(i * 64), Buffer.alloc(PIECE - i * 64, i)]),
  );
  const pieces = contents.map((content, i): DecodePiece => {
    const packed = compress[codec](content);
    memory.set(packed, i * 3 * PIECE);
    const at = (COUNT * 3 + i) * PIECE;
    return {
      input: memory.subarray(i * 3 * PIECE, i * 3 * PIECE + packed.length),
      output: memory.subarray(at, at + PIECE),
    };
  });
  const batches = Array.from({ length: COUNT / 5 }, (_, i) => pieces.slice(i * 5, i * 5 + 5));
  const options: CrewOptions = { codec, memories: [memory], pieceBytes: PIECE };
  return {
    memory,
    pieces,
    batches,
    options,
    content: Buffer.concat(contents),
    made: memory.subarray(COUNT * 3 * PIECE),
  };
}

const threadFrom = (text: string) => () => new Worker(text, { eval: true });
const DIES_AT_WORK = `const { parentPort } = require('node:worker_threads');
parentPort.on('message', () => process.exit(7)); parentPort.postMessage('ready');`;

describe.each(['deflate', 'zstd'] as const)('decode crew for %s', (codec) => {
  it.each([1, 2])('%i other threads make what this one makes, byte for byte', async (threads) => {
    const { batches, options, content, made } = stage(codec);
    const crew = createDecodeCrew({ ...options, threads });
    const faults = await Promise.all(batches.map((batch) => crew.submit(batch)));
    expect(faults.every((fault) => fault === null)).toBe(true);
    expect(crew.counts()).toEqual({ elsewhere: batches.length, here: 0 });
    expect(Buffer.compare(made, content)).toBe(0);
    made.fill(0);
    await crew.close();

    const alone = createDecodeCrew({ ...options, threads: 0 });
    const all = batches.map((batch) => alone.submit(batch));
    await alone.during(Promise.all(all));
    expect(alone.counts()).toEqual({ elsewhere: 0, here: batches.length });
    expect(Buffer.compare(made, content)).toBe(0);
    await alone.close();
  });

  it('names the damaged piece, on either thread alike', async () => {
    const { batches, options, pieces } = stage(codec);
    pieces[2]?.input.fill(0xff);
    const [batch = []] = batches;
    const crew = createDecodeCrew({ ...options, threads: 1 });
    const elsewhere = await crew.submit(batch);
    await crew.close();
    const alone = createDecodeCrew({ ...options, threads: 0 });
    const here = await alone.during(alone.submit(batch));
    expect(elsewhere).toMatchObject({ index: 2 });
    expect(here).toEqual(elsewhere);
    await alone.close();
  });
});

describe('decode crew', () => {
  it('hires one thread per two cores, at most eight, none on a single core', () => {
    expect([1, 2, 3, 4, 16, 64].map(defaultThreads)).toEqual([0, 1, 1, 2, 8, 8]);
  });

  it('says that a thread died in its work instead of waiting for it', async () => {
    const { batches, options } = stage('deflate');
    const worker = threadFrom(DIES_AT_WORK)();
    const crew = createDecodeCrew({ ...options, threads: 1, start: () => worker });
    await once(worker, 'message');
    await expect(crew.during(crew.submit(batches[0] ?? []))).rejects.toMatchObject({
      type: 'DecoderLost',
      details: expect.stringMatching(/exited with code 7/),
    });
    await crew.close();
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no threads here');
      },
      /no threads here/,
    ],
    ['ends at once', threadFrom('process.exit(3)'), /code 3/],
    ['fails in its first line', threadFrom('throw new Error("broken")'), /broken/],
  ] as const)('does all the work itself when the start of a thread %s', async (_, start, reason) => {
    const { batches, options, content, made } = stage('zstd');
    const missing: string[] = [];
    const crew = createDecodeCrew({ ...options, threads: 1, start, onMissing: (why) => missing.push(why) });
    await crew.during(Promise.all(batches.map((batch) => crew.submit(batch))));
    expect(Buffer.compare(made, content)).toBe(0);
    await expect.poll(() => missing).toEqual([expect.stringMatching(reason)]);
    await crew.close();
  });

  it('gives everybody who waits the reason of a failure, and ends its threads when closed', async () => {
    const { options } = stage('zstd');
    const workers: Worker[] = [];
    const start: CrewOptions['start'] = (setup) => {
      const worker = startDecoderThread(setup);
      workers.push(worker);
      return worker;
    };
    const crew = createDecodeCrew({ ...options, threads: 2, start });
    const waiting = crew.during(new Promise(() => undefined));
    setTimeout(() => crew.fail(new Error('enough')), 20);
    await expect(waiting).rejects.toThrow('enough');
    await expect(crew.during(Promise.resolve(1))).rejects.toThrow('enough');
    const gone = Promise.all(workers.map((worker) => once(worker, 'exit')));
    await crew.close();
    await gone;
    expect(workers.map(({ threadId }) => threadId)).toEqual([-1, -1]);
  });
});
