import { defineTool } from '../tool.ts';

/** Removes one device-mapper device (logical volume, opened LUKS, partition map); its data stays. */
export const dmsetupRemove = defineTool({
  bin: 'dmsetup',
  packages: { debian: 'dmsetup', redhat: 'device-mapper' },
  effect: 'changes',
  timeoutMs: 60_000,
  argv: (i: { readonly name: string }) => ['remove', '--retry', i.name],
  parse: () => undefined,
});
