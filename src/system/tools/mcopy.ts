import { defineTool } from '../tool.ts';

/** Copies files and folders into the root of a FAT file system, without mounting it. */
export const mcopyInto = defineTool({
  bin: 'mcopy',
  packages: { debian: 'mtools', redhat: 'mtools' },
  effect: 'changes',
  timeoutMs: 300_000,
  argv: (i: { readonly device: string; readonly from: readonly string[] }) => ['-s', '-i', i.device, ...i.from, '::'],
  parse: () => undefined,
});
