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
