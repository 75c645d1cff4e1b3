import { MiB, type Secrets } from '../../core/index.ts';
import { collectSystemLogs, type HardwarePorts, type LogOptions } from '../../hardware/index.ts';

/** Smaller than what the conductor asks for on its own: this one travels with the inventory. */
const LOGS = { budgetMs: 45_000, maxJournalBytes: 4 * MiB, maxTotalBytes: 12 * MiB };

/** Makes the archive of the `logs` collector; what is secret by then is masked. */
export const logCollector =
  (ports: HardwarePorts, secrets: Secrets, more: () => Pick<LogOptions, 'logPaths' | 'extra'>) =>
  (signal: AbortSignal): Promise<Uint8Array> =>
    collectSystemLogs(ports, { ...LOGS, ...more(), secrets: secrets.values() }, signal);
