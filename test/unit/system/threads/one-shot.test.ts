import { deflateRawSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Codec,
  createOneShotDecoder,
  type OneShotDecoder,
  plainDecoder,
} from '../../../../src/system/threads/codec/one-shot.ts';

const compress: Readonly<Record<Codec, (data: Uint8Array) => Uint8Array>> = {
  deflate: (data) => deflateRawSync(data),
  zstd: (data) => zstdCompressSync(data),
};

describe.each(['deflate', 'zstd'] as const)('one-shot decoder for %s', (codec) => {
  it('is the fast one on this runtime', () => {
    expect(createOneShotDecoder(codec).decode.toString()).toContain('writeSync');
  });

  const outcome = (decoder: OneShotDecoder, input: Uint8Array, size: number) => {
    const output = new Uint8Array(size);
    try {
      return Buffer.from(output.subarray(0, decoder.decode(input, output))).toString('hex');
    } catch {
      return 'refused';
    }
  };
  const data = fc.uint8Array({ minLength: 1, maxLength: 500 });

  it('decodes like the public functions, piece after piece', () => {
    const [fast, plain] = [createOneShotDecoder(codec), plainDecoder(codec)];
    fc.assert(
      fc.property(data, fc.integer({ min: 0, max: 20 }), (content, more) => {
        const input = compress[codec](content);
        const size = content.length + more;
        expect(outcome(fast, input, size)).toBe(outcome(plain, input, size));
      }),
    );
    fast.close();
  });

  it('makes of a cut stream the right bytes or none, and goes on', () => {
    const fast = createOneShotDecoder(codec);
    fc.assert(
      fc.property(data, fc.integer({ min: 0, max: 400 }), (content, cut) => {
        const right = Buffer.from(content).toString('hex');
        expect([right, 'refused']).toContain(outcome(fast, compress[codec](content).subarray(0, cut), content.length));
        expect(outcome(fast, compress[codec](content), content.length)).toBe(right);
      }),
    );
    fast.close();
  });
});
