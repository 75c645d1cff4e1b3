import { defineTool } from '../tool.ts';

export const mkswap = defineTool({
  bin: 'mkswap',
  packages: { debian: 'util-linux', redhat: 'util-linux' },
  effect: 'destroys',
  timeoutMs: 120_000,
  argv: (i: { readonly device: string; readonly label: string }) => ['-L', i.label, i.device],
  parse: () => undefined,
});
