import { defineTool } from '../tool.ts';

const facts = { bin: 'cp', packages: { debian: 'coreutils', redhat: 'coreutils' }, effect: 'changes' } as const;

/** Gives one file the mode, owner, access lists and labels (SELinux) of another; its content stays. */
export const cpAttributes = defineTool({
  ...facts,
  timeoutMs: 30_000,
  argv: (i: { readonly from: string; readonly to: string }) => [
    ...['--attributes-only', '--no-dereference', '--preserve=mode,ownership,xattr'],
    ...['--', i.from, i.to],
  ],
  parse: () => undefined,
});

/** Copies a file or a tree into a folder, over what is there. Links are copied as links and never followed. */
export const cpInto = defineTool({
  ...facts,
  timeoutMs: 300_000,
  argv: (i: { readonly from: string; readonly into: string }) => [
    ...['--recursive', '--no-dereference', `--target-directory=${i.into}`],
    ...['--', i.from],
  ],
  parse: () => undefined,
});

/**
 * Makes device nodes and links of /dev again below `into`, under the same names; names are relative to /dev, such as
 * `disk/by-uuid/...`.
 */
export const cpDevices = defineTool({
  ...facts,
  bin: 'env',
  timeoutMs: 60_000,
  argv: (i: { readonly names: readonly string[]; readonly into: string }) => [
    ...['--chdir=/dev', 'cp', '--archive', '--parents', `--target-directory=${i.into}`],
    ...['--', ...i.names],
  ],
  parse: () => undefined,
});
