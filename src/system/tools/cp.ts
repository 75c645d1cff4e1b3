import { defineTool } from '../tool.ts';

/** Copies everything inside one folder into another. */
export const copyTree = defineTool({
  bin: 'cp',
  packages: { debian: 'coreutils', redhat: 'coreutils' },
  effect: 'changes',
  timeoutMs: 300_000,
  argv: (i: { readonly from: string; readonly to: string }) => [
    '--recursive',
    '--preserve=timestamps',
    '--',
    `${i.from}/.`,
    i.to,
  ],
  parse: () => undefined,
});
