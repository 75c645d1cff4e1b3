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

/** Read-only views of this machine, for the command line. */
export interface MachineReports {
  inventory(signal: AbortSignal): Promise<{ readonly inventory: Inventory; readonly problems: readonly string[] }>;
  /** The dry run: the choice of the root disk and the wipe plan, without a node record. */
  plan(signal: AbortSignal): Promise<string>;
}

export interface ReportSettings {
  readonly bootif: string | null;
  readonly rootDiskParity: boolean;
  readonly guardSpecialFilesystems: boolean;
}

async function rootText(ports: HardwarePorts, parity: boolean, signal: AbortSignal): Promise<string> {
  const disks = await listDisks(ports, signal);
  try {
    return formatRootTable(chooseRootDisk(disks, null, { parity }));
  } catch (error) {
    return reasonOf(error);
  }
}

export function createMachineReports(ports: HardwarePorts, settings: ReportSettings): MachineReports {
  return {
    inventory: (signal) => collectInventory(ports, { bootif: settings.bootif, skipBmc: false }, signal),
    plan: async (signal) => {
      const root = await rootText(ports, settings.rootDiskParity, signal);
      const guard = { guardSpecialFilesystems: settings.guardSpecialFilesystems };
      const wipe = await surveyMetadataErase(ports, null, guard, signal).then(formatErasePlan, reasonOf);
      return `Root disk without hints:\n${root}\n\nerase_devices_metadata would do:\n${wipe}\n`;
    },
  };
}
