import { defineTool } from '../tool.ts';

/** Gives one file the mode, owner, access lists and labels (SELinux) of another; its content stays. */
export const cpAttributes = defineTool({
  bin: 'cp',
  packages: { debian: 'coreutils', redhat: 'coreutils' },
  effect: 'changes',
  timeoutMs: 30_000,
  argv: (i: { readonly from: string; readonly to: string }) => [
    ...['--attributes-only', '--no-dereference', '--preserve=mode,ownership,xattr'],
    ...['--', i.from, i.to],
  ],
  parse: () => undefined,
});
