import { MiB } from '../../core/index.ts';
import { defineTool } from '../tool.ts';
import { printed } from './reports.ts';

/** Few journal lines are shorter, so that enough of them fill the limit. */
const SHORT_LINE_BYTES = 64;

/** The newest lines of this boot's journal, at least `bytes` of them where there are so many; at most 8 MiB are kept. */
export const journalctl = defineTool({
  bin: 'journalctl',
  packages: { debian: 'systemd', redhat: 'systemd' },
  effect: 'reads',
  timeoutMs: 20_000,
  maxOutputBytes: 8 * MiB,
  overflow: 'newest',
  argv: (i: { readonly bytes: number }) => {
    const lines = Math.max(1, Math.ceil(i.bytes / SHORT_LINE_BYTES));
    return ['--full', '--no-pager', '-b', '-n', String(lines)];
  },
  parse: printed,
});
