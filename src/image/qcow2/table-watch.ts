import { createHash } from 'node:crypto';

interface Range {
  readonly offset: number;
  readonly length: number;
}

/** Proves that the tables that the map was made from are the ones in the stream that the digest covers: a server could
 * send other bytes for other requests. */
export interface TableWatch {
  /** Table bytes as fetched, in the order of the file. */
  fetched(bytes: Uint8Array): void;
  /** The stream itself, in order. */
  streamed(bytes: Uint8Array, offset: number): void;
  matches(): boolean;
}

/** @param ranges in the order of the file, without overlaps */
export function createTableWatch(ranges: readonly Range[]): TableWatch {
  const [before, after] = [createHash('sha256'), createHash('sha256')];
  let next = 0;
  return {
    fetched: (bytes) => void before.update(bytes),
    streamed(bytes, offset) {
      const end = offset + bytes.length;
      for (let range = ranges[next]; range !== undefined && range.offset < end; range = ranges[next]) {
        const from = Math.max(range.offset, offset);
        const to = Math.min(range.offset + range.length, end);
        if (from < to) after.update(bytes.subarray(from - offset, to - offset));
        if (range.offset + range.length > end) return;
        next += 1;
      }
    },
    matches: () => before.copy().digest('hex') === after.copy().digest('hex'),
  };
}
