import { defineTool } from '../tool.ts';

/** The newest `lines` journal lines of this boot. */
export const journalctl = defineTool({
  bin: 'journalctl',
  packages: { debian: 'systemd', redhat: 'systemd' },
  effect: 'reads',
  timeoutMs: 60_000,
  maxOutputBytes: 128 * 1024 * 1024,
  argv: (i: { readonly lines: number }) => ['--full', '--no-pager', '-b', '-n', String(i.lines)],
  parse: (out) => out.bytes,
});
