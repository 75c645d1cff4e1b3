import { defineTool } from '../tool.ts';

export interface ZeroRange {
  readonly device: string;
  /** Bytes; both multiples of the logical sector size. */
  readonly offset: number;
  readonly length: number;
}

/** Zeroes a range past the page cache and flushes the device. A last block below 64 KiB goes through the cache. */
export const ddZero = defineTool({
  bin: 'dd',
  packages: { debian: 'coreutils', redhat: 'coreutils' },
  effect: 'destroys',
  timeoutMs: 120_000,
  argv: (i: ZeroRange) => [
    'if=/dev/zero',
    `of=${i.device}`,
    'bs=64K',
    `count=${i.length}`,
    'iflag=count_bytes,fullblock',
    `seek=${i.offset}`,
    'oflag=direct,seek_bytes',
    'conv=notrunc,nocreat,fsync',
  ],
  parse: () => undefined,
});
