import { defineTool } from '../tool.ts';

const packages = { debian: 'chrony', redhat: 'chrony' };

/** Whether the program is there; it prints its help. */
export const chronydHelp = defineTool({
  bin: 'chronyd',
  packages,
  effect: 'reads',
  timeoutMs: 10_000,
  argv: () => ['-h'],
  parse: () => undefined,
});

/** Ends a daemon that holds the clock; none running is fine. */
export const chronycShutdown = defineTool({
  bin: 'chronyc',
  packages,
  effect: 'changes',
  timeoutMs: 30_000,
  okExits: [0, 1],
  argv: () => ['shutdown'],
  parse: () => undefined,
});

/** Steps the system time once and ends. The server is part of a directive; the option table admits no blanks in it. */
export const chronydOnce = defineTool({
  bin: 'chronyd',
  packages,
  effect: 'changes',
  timeoutMs: 60_000,
  argv: ({ server }: { readonly server: string }) => ['-q', `server ${server} iburst`],
  parse: () => undefined,
});
