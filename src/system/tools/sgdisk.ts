import { defineTool } from '../tool.ts';

/** Adds a Linux partition of so many MiB at the very end of a GPT disk; exit 4: there is no room. */
export const sgdiskAppend = defineTool({
  bin: 'sgdisk',
  packages: { debian: 'gdisk', redhat: 'gdisk' },
  effect: 'changes',
  timeoutMs: 120_000,
  argv: (i: { readonly device: string; readonly mib: number; readonly guid: string; readonly name: string }) => [
    ...['-n', `0:-${i.mib}M:0`, '-t', '0:8300', '-u', `0:${i.guid}`, '-c', `0:${i.name}`],
    i.device,
  ],
  parse: () => undefined,
});
