import { defineTool } from '../tool.ts';

/** With everything mounted inside it, such as the /proc of a left-over chroot. */
export const umount = defineTool({
  bin: 'umount',
  packages: { debian: 'mount', redhat: 'util-linux' },
  effect: 'changes',
  timeoutMs: 60_000,
  argv: (i: { readonly mountPoint: string }) => ['--recursive', '--', i.mountPoint],
  parse: () => undefined,
});
