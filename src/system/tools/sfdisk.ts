import { defineTool } from '../tool.ts';

/** Adds one partition to a DOS table; start and size in logical sectors. */
export const sfdiskAppend = defineTool({
  bin: 'sfdisk',
  packages: { debian: 'fdisk', redhat: 'util-linux' },
  effect: 'changes',
  timeoutMs: 120_000,
  argv: (i: { readonly device: string; readonly start: number; readonly sectors: number; readonly type: string }) => [
    ...['--append', '--no-reread', '--no-tell-kernel', '--wipe', 'never'],
    i.device,
  ],
  stdin: (i) => `start=${i.start}, size=${i.sectors}, type=${i.type}\n`,
  parse: () => undefined,
});
