import { defineTool } from '../tool.ts';

/** Writes back and drops what the kernel buffers of a device. */
export const blockdevFlush = defineTool({
  bin: 'blockdev',
  packages: { debian: 'util-linux', redhat: 'util-linux' },
  effect: 'changes',
  timeoutMs: 120_000,
  argv: (i: { readonly device: string }) => ['--flushbufs', i.device],
  parse: () => undefined,
});

/** Makes the kernel read the partition table anew; fails while a partition is in use and on devices without partitions. */
export const blockdevReread = defineTool({
  bin: 'blockdev',
  packages: { debian: 'util-linux', redhat: 'util-linux' },
  effect: 'changes',
  timeoutMs: 60_000,
  argv: (i: { readonly device: string }) => ['--rereadpt', i.device],
  parse: () => undefined,
});
