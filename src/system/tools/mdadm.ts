import { defineTool } from '../tool.ts';

/** Stops an array; its members keep their superblocks. */
export const mdadmStop = defineTool({
  bin: 'mdadm',
  packages: { debian: 'mdadm', redhat: 'mdadm' },
  effect: 'changes',
  timeoutMs: 60_000,
  argv: (i: { readonly device: string }) => ['--stop', i.device],
  parse: () => undefined,
});

/** Starts the arrays whose members are there, degraded ones too. Exit codes 1 and 2: there was none to start. */
export const mdadmAssemble = defineTool({
  bin: 'mdadm',
  packages: { debian: 'mdadm', redhat: 'mdadm' },
  effect: 'changes',
  timeoutMs: 120_000,
  okExits: [0, 1, 2],
  argv: () => ['--assemble', '--scan', '--verbose'],
  parse: () => undefined,
});
