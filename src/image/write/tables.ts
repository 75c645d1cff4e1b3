import type { FileRange, RangeReader } from '../qcow2/index.ts';
import { type Download, openRanges, type RangeSource } from '../source/index.ts';
import type { WriteJob } from './job.ts';

/** Random access to an image before it is streamed: for its tables. */
export interface TableReader {
  readonly read: RangeReader;
  close(): void;
}

/** Ranges that have been received already come from memory, the others from the server.
 * @param head what has been received so far, from the start */
export function tableReader(job: WriteJob, download: Download, head: Uint8Array, signal: AbortSignal): TableReader {
  let remote: RangeSource | null = null;
  const read: RangeReader = async (ranges, deliver) => {
    const isHere = ({ offset, length }: FileRange) => offset + length <= head.length;
    const local = ranges.filter(isHere).length;
    for (const [index, { offset, length }] of ranges.slice(0, local).entries())
      deliver(head.subarray(offset, offset + length), index);
    if (local === ranges.length) return;
    remote ??= await openRanges(job.ports, job.plan, download.url(), signal);
    await remote.read(ranges.slice(local), (bytes, index) => deliver(bytes, index + local));
  };
  return { read, close: () => remote?.close() };
}
