import { type AgentPorts, genericSteps, type Manager } from '../extensions/index.ts';
import { genericManager, withSteps } from '../hardware/index.ts';

/** The hardware managers of this release, with the steps they offer. */
export const managers: readonly Manager<AgentPorts>[] = [withSteps(genericManager, genericSteps)];

/** As the inspection report names them. */
export const managerVersions = managers.map(({ name, version }) => ({ name, version }));
