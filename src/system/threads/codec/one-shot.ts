import { constants, createInflateRaw, createZstdDecompress, inflateRawSync, zstdDecompressSync } from 'node:zlib';
import { insideOf } from './native.ts';

export type Codec = 'deflate' | 'zstd';

/** Decodes many small independent pieces, each into memory of the caller. */
export interface OneShotDecoder {
  /** Decodes one stream from the start of `input`, at most until `output` is full; what follows it is ignored.
   * @returns the bytes made. @throws Error when the stream is damaged or cut */
  decode(input: Uint8Array, output: Uint8Array): number;
  close(): void;
}

/** Z_FINISH for zlib; for zstd the value of "end" is the one that its decoder expects with the last input. */
const LAST: Readonly<Record<Codec, number>> = { deflate: constants.Z_FINISH, zstd: constants.ZSTD_e_end };

function nativeDecoder(codec: Codec): OneShotDecoder | null {
  const owner = codec === 'zstd' ? createZstdDecompress() : createInflateRaw();
  const inside = insideOf(owner);
  if (inside === null) return null;
  const { stream, state } = inside;
  let problem: string | null = null;
  stream.onerror = (message) => {
    problem = message;
  };
  return {
    decode(input, output) {
      problem = null;
      stream.writeSync(LAST[codec], input, 0, input.length, output, 0, output.length);
      const made = output.length - (state[0] ?? 0);
      stream.reset();
      if (problem !== null) throw new Error(problem);
      return made;
    },
    close: () => owner.close(),
  };
}

/** The same with public functions only. */
export function plainDecoder(codec: Codec): OneShotDecoder {
  const decode = codec === 'zstd' ? zstdDecompressSync : inflateRawSync;
  return {
    decode(input, output) {
      const content = decode(input, { chunkSize: Math.max(64, output.length + 64), maxOutputLength: output.length });
      output.set(content);
      return content.length;
    },
    close: () => undefined,
  };
}

export function createOneShotDecoder(codec: Codec): OneShotDecoder {
  return nativeDecoder(codec) ?? plainDecoder(codec);
}
