import { defineTool } from '../tool.ts';

export const swapoff = defineTool({
  bin: 'swapoff',
  packages: { debian: 'mount', redhat: 'util-linux' },
  effect: 'changes',
  timeoutMs: 300_000,
  argv: (i: { readonly device: string }) => [i.device],
  parse: () => undefined,
});
