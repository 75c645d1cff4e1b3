import { Type } from 'typebox';
import { type Command, defineCommand, MiB, type Run } from '../../core/index.ts';
import { collectSystemLogs } from '../../hardware/index.ts';
import type { AgentPorts } from '../ports.ts';

/** The conductor gives up after 60 s (protocol.md 8.1). */
const BUDGET_MS = 45_000;
/** Unpacked; the answer carries all of it as one text. */
const MAX_TOTAL_BYTES = 24 * MiB;

const collectLogs = defineCommand({
  name: 'log.collect_system_logs',
  kind: 'sync',
  whileBusy: true,
  doc: 'Pack journal, device listings and tool output into one archive, secrets masked; answers within 45 s.',
  result: '`system_logs`: base64 of a gzip-compressed tar archive',
  params: Type.Object({}),
  throws: [],
  run: async (_params, { ports, signal }: Run<AgentPorts>) => {
    const { maxJournalBytes, logPaths } = ports.settings;
    const options = {
      budgetMs: BUDGET_MS,
      maxJournalBytes,
      maxTotalBytes: MAX_TOTAL_BYTES,
      logPaths,
      extra: ports.diagnostics(),
      secrets: ports.secrets.values(),
    };
    const archive = await collectSystemLogs(ports.hardware, options, signal);
    return { system_logs: Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength).toString('base64') };
  },
});

export const logCommands: readonly Command<AgentPorts>[] = [collectLogs];
