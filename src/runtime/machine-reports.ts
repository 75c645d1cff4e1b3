import type { Config } from '../config/index.ts';
import { reasonOf } from '../core/index.ts';
import {
  chooseRootDisk,
  collectInventory,
  formatErasePlan,
  formatRootTable,
  type HardwarePorts,
  type InventoryResult,
  listDisks,
  listenForLldp,
  nicNames,
  surveyMetadataErase,
  withLldp,
} from '../hardware/index.ts';
import type { Diagnosis, DiagnosisPorts } from '../ironic/index.ts';
import { diagnoseAll } from './doctor/index.ts';

/** Read-only views of this machine, for the command line. */
export interface MachineReports {
  /** With LLDP when the configuration says so. */
  inventory(signal: AbortSignal): Promise<InventoryResult>;
  /** The dry run: the choice of the root disk and the wipe plan, without a node record. */
  plan(signal: AbortSignal): Promise<string>;
  /** The way to each configured server, step by step. */
  paths(signal: AbortSignal): Promise<readonly Diagnosis[]>;
}

export interface ReportSettings {
  readonly bootif: string | null;
  readonly config: Config;
}

async function rootText(ports: HardwarePorts, parity: boolean, signal: AbortSignal): Promise<string> {
  const disks = await listDisks(ports, signal);
  try {
    return formatRootTable(chooseRootDisk(disks, null, { parity }));
  } catch (error) {
    return reasonOf(error);
  }
}

async function inventoryOf(
  ports: HardwarePorts,
  { bootif, config: { collectLldp, lldpTimeout } }: ReportSettings,
  signal: AbortSignal,
): Promise<InventoryResult> {
  const collected = collectInventory(ports, { bootif, skipBmc: false }, signal);
  if (!collectLldp) return collected;
  const wish = { nics: await nicNames(ports), timeoutMs: lldpTimeout * 1000, isOurs: false };
  const [{ inventory, problems }, heard] = await Promise.all([collected, listenForLldp(ports, wish, signal)]);
  return { inventory: withLldp(inventory, heard), problems };
}

export function createMachineReports(ports: HardwarePorts & DiagnosisPorts, settings: ReportSettings): MachineReports {
  const { config } = settings;
  return {
    paths: (signal) => diagnoseAll(ports, { config, local: config }, null, signal),
    inventory: (signal) => inventoryOf(ports, settings, signal),
    plan: async (signal) => {
      const root = await rootText(ports, config.defaultRootDiskParity, signal);
      const guard = { guardSpecialFilesystems: config.guardSpecialFilesystems };
      const wipe = await surveyMetadataErase(ports, null, guard, signal).then(formatErasePlan, reasonOf);
      return `Root disk without hints:\n${root}\n\nerase_devices_metadata would do:\n${wipe}\n`;
    },
  };
}
