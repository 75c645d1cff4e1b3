import type { Config } from '../config/index.ts';
import { reasonOf } from '../core/index.ts';
import {
  chooseRootDisk,
  collectInventory,
  formatErasePlan,
  formatRootTable,
  type HardwarePorts,
  type Inventory,
  listDisks,
  surveyMetadataErase,
} from '../hardware/index.ts';
import type { Diagnosis, DiagnosisPorts } from '../ironic/index.ts';
import { diagnoseAll } from './doctor/index.ts';

/** Read-only views of this machine, for the command line. */
export interface MachineReports {
  inventory(signal: AbortSignal): Promise<{ readonly inventory: Inventory; readonly problems: readonly string[] }>;
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

export function createMachineReports(
  ports: HardwarePorts & DiagnosisPorts,
  { bootif, config }: ReportSettings,
): MachineReports {
  return {
    paths: (signal) => diagnoseAll(ports, { config, local: config }, null, signal),
    inventory: (signal) => collectInventory(ports, { bootif, skipBmc: false }, signal),
    plan: async (signal) => {
      const root = await rootText(ports, config.defaultRootDiskParity, signal);
      const guard = { guardSpecialFilesystems: config.guardSpecialFilesystems };
      const wipe = await surveyMetadataErase(ports, null, guard, signal).then(formatErasePlan, reasonOf);
      return `Root disk without hints:\n${root}\n\nerase_devices_metadata would do:\n${wipe}\n`;
    },
  };
}
