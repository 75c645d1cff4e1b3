import { defineTool } from '../tool.ts';

/** Process ids that have the device open; mounts and kernel holders are not seen by it. Exit 1 means nobody. */
export const fuserPids = defineTool({
  bin: 'fuser',
  packages: { debian: 'psmisc', redhat: 'psmisc' },
  effect: 'reads',
  timeoutMs: 30_000,
  okExits: [0, 1],
  argv: (i: { readonly device: string }) => [i.device],
  parse: (out): readonly number[] => [...out.stdout.matchAll(/\d+/g)].map((m) => Number(m[0])),
});
