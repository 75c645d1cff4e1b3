import type { Log } from '../core/index.ts';
import { type AgentPorts, containerSteps, genericSteps, stepsOfFile } from '../extensions/index.ts';
import {
  containerManager,
  evaluateManagers,
  type Fitting,
  genericManager,
  type HardwarePorts,
  initializeManagers,
  intelCnaManager,
  type Manager,
  mellanoxManager,
  withSteps,
} from '../hardware/index.ts';

const declared: readonly Manager<AgentPorts>[] = [
  withSteps(genericManager, genericSteps),
  withSteps(mellanoxManager, []),
  withSteps(intelCnaManager, []),
  withSteps(containerManager, containerSteps),
];
const declaredNames = declared.flatMap(({ steps }) => steps.map(({ name }) => name));

/** The hardware managers of this release, with the steps they offer. */
export const managers: readonly Manager<AgentPorts>[] = declared.map((manager) =>
  manager.name === containerManager.name ? { ...manager, moreSteps: stepsOfFile(declaredNames) } : manager,
);

/** Every manager of the build, and those that fit this machine. */
export interface ManagerSet<P> {
  readonly all: readonly Manager<P>[];
  /** Best first. All are asked at the first call and never again: a machine does not change while it runs. */
  fitting(signal: AbortSignal): Promise<readonly Fitting<Manager<P>>[]>;
  /** Asks them, then lets each that fits prepare the machine. */
  start(signal: AbortSignal): Promise<void>;
}

/** Conductors compare the map as a whole: with one key for two, a new version of one of them is not seen. */
function warnOfTwins(all: readonly Manager<never>[], log: Log): void {
  for (const [name, same] of Map.groupBy(all, (manager) => manager.name))
    if (same.length > 1) log.warn('manager.name.twice', { name, managers: same.map(({ className }) => className) });
}

export function createManagerSet<P>(all: readonly Manager<P>[], ports: HardwarePorts): ManagerSet<P> {
  warnOfTwins(all, ports.log);
  let asked: Promise<readonly Fitting<Manager<P>>[]> | null = null;
  const fitting = (signal: AbortSignal) => {
    asked ??= evaluateManagers(all, ports, signal);
    return asked;
  };
  return {
    all,
    fitting,
    start: async (signal) => initializeManagers(await fitting(signal), ports, signal),
  };
}

/** As the inspection report names them. */
export const namesAndVersions = async (
  set: Pick<ManagerSet<never>, 'fitting'>,
  signal: AbortSignal,
): Promise<readonly { readonly name: string; readonly version: string }[]> =>
  (await set.fitting(signal)).map(({ name, version }) => ({ name, version }));
