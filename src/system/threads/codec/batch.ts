import type { OneShotDecoder } from './one-shot.ts';

/** One stream to decode, which must make exactly what `output` holds. */
export interface DecodePiece {
  readonly input: Uint8Array;
  readonly output: Uint8Array;
}

/** What went wrong with one piece of a batch. */
export interface DecodeFault {
  readonly index: number;
  readonly reason: string;
}

/** Where the memory of a batch lies: five numbers for each piece, to be read by another thread. */
const WORDS = 5;

/** Decodes one piece after the other, up to the first that is damaged. */
export function decodePieces(decoder: OneShotDecoder, pieces: readonly DecodePiece[]): DecodeFault | null {
  for (const [index, { input, output }] of pieces.entries()) {
    try {
      const made = decoder.decode(input, output);
      if (made !== output.length) return { index, reason: `it holds ${made} bytes instead of ${output.length}` };
    } catch (error) {
      return { index, reason: error instanceof Error ? error.message : String(error) };
    }
  }
  return null;
}

/** @param memories all shared memory that pieces may lie in. @throws Error for other memory */
export function packPieces(pieces: readonly DecodePiece[], memories: readonly Uint8Array[]): Float64Array {
  const packed = new Float64Array(pieces.length * WORDS);
  const memoryOf = (view: Uint8Array) => {
    const at = memories.findIndex(({ buffer }) => buffer === view.buffer);
    if (at < 0) throw new Error('the bytes to decode are not in shared memory');
    return at;
  };
  let at = 0;
  for (const { input, output } of pieces) {
    packed[at] = memoryOf(input);
    packed[at + 1] = input.byteOffset;
    packed[at + 2] = input.length;
    packed[at + 3] = memoryOf(output);
    packed[at + 4] = output.byteOffset;
    at += WORDS;
  }
  return packed;
}

/** @param outputBytes of every piece */
export function unpackPieces(
  packed: Float64Array,
  memories: readonly Uint8Array[],
  outputBytes: number,
): readonly DecodePiece[] {
  const view = (index: number, at: number, length: number) =>
    new Uint8Array(memories[index]?.buffer ?? new ArrayBuffer(0), at, length);
  return Array.from({ length: packed.length / WORDS }, (_, index) => {
    const [from = 0, inputAt = 0, inputBytes = 0, to = 0, outputAt = 0] = packed.subarray(index * WORDS);
    return { input: view(from, inputAt, inputBytes), output: view(to, outputAt, outputBytes) };
  });
}
