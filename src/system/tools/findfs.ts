import { defineTool } from '../tool.ts';

/** The device with this identifier, on whichever disk; null when there is none. */
export const findfs = defineTool({
  bin: 'findfs',
  packages: { debian: 'util-linux', redhat: 'util-linux' },
  effect: 'reads',
  timeoutMs: 60_000,
  okExits: [0, 1],
  argv: (i: { readonly tag: 'UUID' | 'PARTUUID'; readonly value: string }) => [`${i.tag}=${i.value}`],
  parse: (out) => (out.stdout.trim() === '' ? null : out.stdout.trim()),
});
