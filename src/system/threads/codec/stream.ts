import { constants, createGunzip, createZstdDecompress } from 'node:zlib';
import { insideOf } from './native.ts';

export type StreamCodec = 'gzip' | 'zstd';

/** What one step of decoding came to. */
export type StreamStep =
  | {
      /** Bytes written. Fewer than fit, with input left: the stream has ended before that input. */
      readonly made: number;
      /** Bytes at the end of the input that were not taken. */
      readonly left: number;
    }
  /** The stream is damaged; it takes no further steps. */
  | { readonly fault: string };

/** Decodes one long stream in steps, each into memory of the caller; members or frames in a row are one stream. */
export interface StreamDecoder {
  /** @param isLast no input comes after this: a stream that is not over then is cut, unless `output` became full */
  step(input: Uint8Array, output: Uint8Array, isLast: boolean): StreamStep;
  close(): void;
}

/** For "more may come" and "that was all". */
const FLUSH: Readonly<Record<StreamCodec, readonly [more: number, last: number]>> = {
  gzip: [constants.Z_NO_FLUSH, constants.Z_FINISH],
  zstd: [constants.ZSTD_e_continue, constants.ZSTD_e_end],
};

/** A frame without content. An end one to three bytes into the magic number of a frame goes unnoticed; behind such bytes
 * this frame is not taken. */
const EMPTY_FRAME = Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0);

/** @throws Error when the runtime has no way to do this: a test sees to it that it has */
export function createStreamDecoder(codec: StreamCodec): StreamDecoder {
  const owner = codec === 'gzip' ? createGunzip() : createZstdDecompress();
  const inside = insideOf(owner);
  if (inside === null) throw new Error(`this Node.js (${process.version}) cannot decode ${codec} in steps`);
  const { stream, state } = inside;
  const [more, last] = FLUSH[codec];
  let fault: string | null = null;
  stream.onerror = (message) => {
    fault ??= message;
  };
  return {
    step(input, output, isLast) {
      stream.writeSync(isLast ? last : more, input, 0, input.length, output, 0, output.length);
      if (fault !== null) return { fault };
      const step = { made: output.length - (state[0] ?? 0), left: state[1] ?? 0 };
      if (codec === 'gzip' || !isLast || step.made === output.length) return step;
      stream.writeSync(last, EMPTY_FRAME, 0, EMPTY_FRAME.length, output, step.made, output.length - step.made);
      if (fault === null && state[1] === 0) return step;
      fault = 'unexpected end of file';
      return { fault };
    },
    close: () => owner.close(),
  };
}
