import { type CommandLine, type MachineReports, type Resolved, renderConfig } from '../../runtime/index.ts';
import { renderPaths } from './diagnose.ts';

export interface Report {
  readonly text: string;
  /** For standard error: what could not be read. */
  readonly remarks: readonly string[];
  /** Something is wrong with the machine or its surroundings: exit code 1. */
  readonly bad?: boolean;
}

/** The commands that print something and end. */
export async function report(
  { command, switches }: Pick<CommandLine, 'command' | 'switches'>,
  resolved: Resolved,
  machine: MachineReports,
  signal: AbortSignal,
): Promise<Report> {
  if (command === 'config') return { text: renderConfig(resolved), remarks: resolved.warnings };
  if (command === 'inventory') {
    const { inventory, problems } = await machine.inventory(signal);
    return { text: `${JSON.stringify(inventory, null, 2)}\n`, remarks: problems };
  }
  if (command === 'diagnose') {
    const { text, ok } = renderPaths(await machine.paths(signal), switches.has('json'));
    return { text, remarks: [], bad: !ok };
  }
  return { text: await machine.plan(signal), remarks: [] };
}
