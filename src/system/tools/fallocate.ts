import { defineTool } from '../tool.ts';

/** Makes a range of a disk read as zeros the fast way (write zeroes, unmap); refused where the device cannot. */
export const fallocatePunch = defineTool({
  bin: 'fallocate',
  packages: { debian: 'util-linux', redhat: 'util-linux' },
  effect: 'destroys',
  timeoutMs: 300_000,
  argv: (i: { readonly device: string; readonly offset: number; readonly length: number }) => [
    '--punch-hole',
    '--keep-size',
    `--offset=${i.offset}`,
    `--length=${i.length}`,
    i.device,
  ],
  parse: () => undefined,
});
