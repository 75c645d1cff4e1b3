import { defineTool } from '../tool.ts';

/** Writes all dirty pages of the machine; may take as long as the slowest disk needs. */
export const syncAll = defineTool({
  bin: 'sync',
  packages: { debian: 'coreutils', redhat: 'coreutils' },
  effect: 'changes',
  timeoutMs: 600_000,
  argv: () => [],
  parse: () => undefined,
});
