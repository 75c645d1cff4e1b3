import { defineTool } from '../tool.ts';

/** Binds one thread of this program to one processor. */
export const tasksetThread = defineTool({
  bin: 'taskset',
  packages: { debian: 'util-linux', redhat: 'util-linux' },
  effect: 'changes',
  timeoutMs: 5_000,
  argv: (i: { readonly cpu: number; readonly thread: number }) => [
    '--cpu-list',
    '--pid',
    String(i.cpu),
    String(i.thread),
  ],
  parse: () => undefined,
});
