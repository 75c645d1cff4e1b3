import { defineTool } from '../tool.ts';

/** The older way to set the time; used where an image has it and not chrony. */
const facts = { bin: 'ntpdate', packages: { debian: 'ntpsec-ntpdate', redhat: 'ntpsec' }, shipped: false } as const;

/** Whether the program is there. */
export const ntpdateVersion = defineTool({
  ...facts,
  effect: 'reads',
  timeoutMs: 10_000,
  okExits: [0, 1],
  argv: () => ['-v'],
  parse: () => undefined,
});

/** Sets the system time once. */
export const ntpdateOnce = defineTool({
  ...facts,
  effect: 'changes',
  timeoutMs: 60_000,
  argv: ({ server }: { readonly server: string }) => [server],
  parse: () => undefined,
});
