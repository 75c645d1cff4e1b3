import { defineTool } from '../tool.ts';

/** Label of the file system on a device, read from the device itself and not from a cache; null without one. */
export const blkidLabel = defineTool({
  bin: 'blkid',
  packages: { debian: 'util-linux', redhat: 'util-linux' },
  effect: 'reads',
  timeoutMs: 60_000,
  okExits: [0, 2],
  argv: (i: { readonly device: string }) => ['--probe', '-s', 'LABEL', '-o', 'value', i.device],
  parse: (out) => (out.stdout.trim() === '' ? null : out.stdout.trim()),
});
