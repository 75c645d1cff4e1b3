import { defineTool } from '../tool.ts';

/** Sets the system time. Input: milliseconds since the epoch; whole seconds count. */
export const setSystemTime = defineTool({
  bin: 'date',
  packages: { debian: 'coreutils', redhat: 'coreutils' },
  effect: 'changes',
  timeoutMs: 10_000,
  argv: ({ atMs }: { readonly atMs: number }) => ['--utc', `--set=@${Math.round(atMs / 1000)}`],
  parse: () => undefined,
});
