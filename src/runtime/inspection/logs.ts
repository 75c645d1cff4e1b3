import type { Secrets } from '../../core/index.ts';
import { collectSystemLogs, type HardwarePorts } from '../../hardware/index.ts';

const LOGS = { budgetMs: 45_000, maxJournalBytes: 4 * 1024 * 1024 };

/** Makes the archive of the `logs` collector; what is secret by then is masked. */
export const logCollector =
  (ports: HardwarePorts, secrets: Secrets) =>
  (signal: AbortSignal): Promise<Uint8Array> =>
    collectSystemLogs(ports, { ...LOGS, extra: [], secrets: secrets.values() }, signal);
