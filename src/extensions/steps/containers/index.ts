import type { Step } from '../../../core/index.ts';
import type { AgentPorts } from '../../ports.ts';
import { containerCleanStep, genericContainerStep } from './generic.ts';

export { stepsOfFile } from './of-file.ts';

/** Steps of the container manager; those of the operator's file come on top (steps.md 2.4). */
export const containerSteps: readonly Step<AgentPorts>[] = [genericContainerStep, containerCleanStep];
