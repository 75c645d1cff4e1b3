import { defineTool } from '../tool.ts';

/**
 * Brings the mappings above a multipath map in line with the partition table on it. The kernel has no partitions of a
 * device-mapper device. Names are built as by the rule of udev, so that neither renames what the other made.
 */
export const kpartxUpdate = defineTool({
  bin: 'kpartx',
  packages: { debian: 'kpartx', redhat: 'kpartx' },
  effect: 'changes',
  timeoutMs: 60_000,
  argv: (i: { readonly device: string }) => ['-u', '-s', '-p', '-part', i.device],
  parse: () => undefined,
});
