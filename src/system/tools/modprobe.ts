import { defineTool } from '../tool.ts';

/** Loads one kernel module; one that is built in or loaded already is fine. */
export const modprobe = defineTool({
  bin: 'modprobe',
  packages: { debian: 'kmod', redhat: 'kmod' },
  effect: 'changes',
  timeoutMs: 30_000,
  argv: (input: { readonly module: string }) => ['--quiet', input.module],
  parse: () => undefined,
});
