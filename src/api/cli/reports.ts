import { type MachineReports, type Resolved, renderConfig, renderHelp } from '../../runtime/index.ts';
import { face } from './face.ts';

export interface Report {
  readonly text: string;
  /** For standard error: what could not be read. */
  readonly remarks: readonly string[];
}

/** The commands that print something and end. */
export async function report(
  command: string,
  resolved: Resolved,
  machine: MachineReports,
  signal: AbortSignal,
): Promise<Report> {
  if (command === 'config') return { text: renderConfig(resolved), remarks: resolved.warnings };
  if (command === 'inventory') {
    const { inventory, problems } = await machine.inventory(signal);
    return { text: `${JSON.stringify(inventory, null, 2)}\n`, remarks: problems };
  }
  return { text: await machine.plan(signal), remarks: [] };
}

export const helpText = (): string => renderHelp(face);
