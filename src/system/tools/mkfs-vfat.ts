import { defineTool } from '../tool.ts';

export const mkfsVfat = defineTool({
  bin: 'mkfs.vfat',
  packages: { debian: 'dosfstools', redhat: 'dosfstools' },
  effect: 'destroys',
  timeoutMs: 120_000,
  argv: (i: { readonly device: string; readonly label: string }) => ['-n', i.label, i.device],
  parse: () => undefined,
});
