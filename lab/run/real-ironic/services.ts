import { join } from 'node:path';
import {
  createIronicClient,
  type Inspector,
  type IronicClient,
  startBmc,
  startInspector,
  startIronic,
} from '../../ironic/index.ts';
import type { LabSpec } from '../../scenario/index.ts';
import { KERNEL_ARGUMENTS, type Run } from '../ports.ts';
import type { Bench } from '../server.ts';

export const BMC = { port: 6230, user: 'admin', password: 'lab-password' };
const API_PORT = 6385;
const INSPECTOR_PORT = 5050;

export interface Services {
  readonly ironic: IronicClient;
  /** Null when nothing is inspected. */
  readonly inspector: Inspector | null;
}

const chassisOf = ({ machine }: Bench) => ({
  state: () => machine.state(),
  powerOn: (from: 'network' | 'disk') => machine.powerOn(from),
  powerOff: (how: 'soft' | 'hard') => machine.powerOff(how),
});

async function inspectorFor(ironicUrl: string, bench: Bench, spec: LabSpec, run: Run, signal: AbortSignal) {
  run.ports.timeline.stage('inspector', 'Start ironic-inspector 11.1');
  const { address } = bench.network;
  const directory = join(spec.workDir, 'inspector');
  const settings = { directory, address, port: INSPECTOR_PORT, ironicUrl };
  const inspector = await startInspector(settings, run.ports.log, signal);
  run.cleanup.push(() => inspector.stop());
  run.logs.inspector = inspector.logFile;
  run.logs['inspection logs'] = inspector.ramdiskLogs;
  return inspector;
}

/** Ironic, the BMC of the server and, when asked for, the inspector; all end with the run. */
export async function startServices(bench: Bench, spec: LabSpec, run: Run, signal: AbortSignal): Promise<Services> {
  const { log, timeline } = run.ports;
  const directory = join(spec.workDir, 'ironic');
  const { address, httpUrl } = bench.network;
  timeline.stage('ironic', 'Start Ironic 2023.1');
  // Before Ironic, and so ended after it: Ironic asks for the power to its very end.
  const bmc = await startBmc({ ...BMC, directory, address }, chassisOf(bench), log, signal);
  run.cleanup.push(() => bmc.stop());
  const ironic = await startIronic(
    {
      directory,
      address,
      port: API_PORT,
      httpRoot: bench.httpRoot,
      httpUrl,
      firmware: spec.firmware,
      fastTrack: spec.fastTrack,
      kernelArguments: `${KERNEL_ARGUMENTS}${spec.debug ? ' ipa-debug=1' : ''}`,
      inspectorUrl: spec.inspector ? `http://${address}:${INSPECTOR_PORT}` : null,
    },
    log,
    signal,
  );
  run.cleanup.push(() => ironic.stop());
  run.logs.ironic = ironic.logFile;
  run.logs.agent = join(directory, 'agent-logs');
  const inspector = spec.inspector ? await inspectorFor(ironic.apiUrl, bench, spec, run, signal) : null;
  return { ironic: createIronicClient(ironic.apiUrl), inspector };
}
