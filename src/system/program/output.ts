/** What is kept of a longer output: nothing but the fact, the first bytes, or the newest ones. */
export type Overflow = 'fail' | 'first' | 'newest';

export interface Output {
  readonly bytes: Uint8Array;
  /** There was more. */
  readonly cut: boolean;
}

/** Takes a stream piece by piece and never holds much more than its limit. */
export interface Keeper {
  /** False when nothing more is wanted: the program may be ended. */
  take(chunk: Buffer): boolean;
  output(): Output;
}

/** Keeps the last `limit` bytes of a stream, however long it gets. */
function newestOf(limit: number): Keeper {
  const chunks: Buffer[] = [];
  let kept = 0;
  let seen = 0;
  return {
    take: (chunk) => {
      chunks.push(chunk);
      kept += chunk.byteLength;
      seen += chunk.byteLength;
      for (let oldest = chunks[0]; oldest !== undefined && kept - oldest.byteLength >= limit; oldest = chunks[0]) {
        kept -= oldest.byteLength;
        chunks.shift();
      }
      return true;
    },
    output: () => ({ bytes: Buffer.concat(chunks).subarray(-limit), cut: seen > limit }),
  };
}

function firstOf(limit: number): Keeper {
  const chunks: Buffer[] = [];
  let kept = 0;
  let cut = false;
  return {
    take: (chunk) => {
      const piece = chunk.subarray(0, limit - kept);
      if (piece.byteLength > 0) chunks.push(piece);
      kept += piece.byteLength;
      cut ||= piece.byteLength < chunk.byteLength;
      return !cut;
    },
    output: () => ({ bytes: Buffer.concat(chunks), cut }),
  };
}

export const keeperOf = (overflow: Overflow, limit: number): Keeper =>
  overflow === 'newest' ? newestOf(limit) : firstOf(limit);
