import { reasonOf } from '../../core/index.ts';
import { type LabelRow, lsblkLabels, lsblkLineage } from '../../system/index.ts';
import { settle } from '../disks/index.ts';
import type { HardwarePorts } from '../ports.ts';
import { type Candidate, chooseMedium, type Medium } from './choose.ts';

const POLL_MS = 1_000;

/** How a medium for the agent is known. */
export interface Search {
  /** For people. */
  readonly name: string;
  /** In lower case; compared in any case, as FAT writes labels in upper case. */
  readonly labels: readonly string[];
  /** Part of the model name, in lower case, for media without such a label. */
  readonly model?: string;
}

export const PARAMETERS: Search = {
  name: 'the virtual floppy with parameters',
  labels: ['ir-vfd-dev'],
  model: 'virtual media',
};
export const CONFIGURATION: Search = {
  name: 'the virtual CD with configuration',
  labels: ['config-2', 'vmedia_boot_iso'],
};

async function modelDevices({ files }: HardwarePorts, model: string): Promise<readonly string[]> {
  const names = await files.list('/sys/class/block');
  const models = await Promise.all(names.map((name) => files.textOrNull(`/sys/class/block/${name}/device/model`)));
  return names.filter((_name, at) => models[at]?.toLowerCase().includes(model)).map((name) => `/dev/${name}`);
}

/** An empty drive has the model too: only what holds a file system counts. */
async function byModel(ports: HardwarePorts, rows: readonly LabelRow[], model: string | undefined) {
  if (model === undefined) return [];
  const devices = await modelDevices(ports, model);
  return rows.filter(({ device, fsType }) => devices.includes(device) && fsType !== null);
}

async function lineageOf({ tools, log }: HardwarePorts, device: string, signal: AbortSignal) {
  return tools.run(lsblkLineage, { device }, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    log.warn('media.lineage.unknown', { device, reason: reasonOf(error) });
    return [];
  });
}

async function look(ports: HardwarePorts, search: Search, signal: AbortSignal) {
  await settle(ports, signal);
  const rows = await ports.tools.run(lsblkLabels, undefined, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    ports.log.warn('media.list.failed', { reason: reasonOf(error) });
    return [];
  });
  const labelled = rows.filter(({ label }) => search.labels.includes(label?.toLowerCase() ?? ''));
  const named = labelled.length > 0 ? labelled : await byModel(ports, rows, search.model);
  const candidates: Candidate[] = [];
  for (const row of named) candidates.push({ ...row, lineage: await lineageOf(ports, row.device, signal) });
  return { ...chooseMedium(candidates), byLabel: labelled.length > 0 };
}

export interface Found extends Medium {
  readonly byLabel: boolean;
}

/**
 * The medium, or null. USB devices of a BMC appear seconds after the kernel has started: the search goes on for `waitMs`.
 * What is passed over is logged.
 */
export async function findMedium(
  ports: HardwarePorts,
  search: Search,
  waitMs: number,
  signal: AbortSignal,
): Promise<Found | null> {
  const { clock, log } = ports;
  const deadline = clock.monotonic() + waitMs;
  for (let first = true; ; first = false) {
    const { medium, refused, byLabel } = await look(ports, search, signal);
    const isLast = medium !== null || clock.monotonic() >= deadline;
    if (first || isLast) for (const why of refused) log.warn('media.refused', { wanted: search.name, why });
    if (medium !== null) return { ...medium, byLabel };
    if (isLast) return null;
    if (first) log.info('media.wait', { wanted: search.name, labels: search.labels, forAtMostMs: waitMs });
    await clock.sleep(POLL_MS, signal);
  }
}
