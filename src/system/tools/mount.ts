import { defineTool } from '../tool.ts';

/** Mounts a device on an existing folder; `options` is the list behind `-o`. */
export const mount = defineTool({
  bin: 'mount',
  packages: { debian: 'mount', redhat: 'util-linux' },
  effect: 'changes',
  timeoutMs: 60_000,
  argv: (i: { readonly device: string; readonly at: string; readonly type: string; readonly options: string }) => [
    ...['-t', i.type, '-o', i.options],
    ...['--', i.device, i.at],
  ],
  parse: () => undefined,
});
