import { defineTool } from '../tool.ts';

/** Stores the system time in the hardware clock. */
export const hwclockStore = defineTool({
  bin: 'hwclock',
  packages: { debian: 'util-linux-extra', redhat: 'util-linux' },
  effect: 'changes',
  timeoutMs: 30_000,
  argv: () => ['-v', '--systohc'],
  parse: () => undefined,
});
