import type { Run } from '../../../core/index.ts';
import { type ContainerOrder, runContainer } from '../../../hardware/index.ts';
import type { AgentPorts } from '../../ports.ts';

/** Runs the container of a step with what the step has of the agent. */
export const perform = (
  order: ContainerOrder,
  step: string,
  { ports, node, progress, signal }: Run<AgentPorts>,
): Promise<unknown> => {
  const { secrets, settings, outputs } = ports;
  const context = { step, node, secrets, progress, keepOutput: outputs.keep };
  return runContainer(ports.hardware, settings.containers, order, context, signal);
};
