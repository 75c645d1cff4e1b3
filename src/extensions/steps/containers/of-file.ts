import { Type } from 'typebox';
import { CommandExecutionFailed, defineStep, type Run, type Step } from '../../../core/index.ts';
import {
  ContainerNotPermitted,
  type FileStep,
  HardwareManagerMisconfigured,
  managerMethods,
  orderOfFile,
  readStepsFile,
} from '../../../hardware/index.ts';
import type { AgentPorts } from '../../ports.ts';
import { perform } from './perform.ts';

/** An entry as a step; its priority counts in cleaning only (steps.md 2.4). */
const stepOf = (entry: FileStep): Step<AgentPorts> =>
  defineStep({
    name: entry.name,
    interface: entry.interface,
    doc: `Run container image ${entry.image}, as the file of container steps says.`,
    in: { clean: { priority: entry.priority }, deploy: { priority: 0 }, service: { priority: 0 } },
    abortable: entry.abortable,
    rebootRequested: entry.reboot_requested,
    args: Type.Object({}, { additionalProperties: false }),
    throws: [ContainerNotPermitted, HardwareManagerMisconfigured, CommandExecutionFailed],
    run: (_args, run: Run<AgentPorts>) => {
      const wanted = { image: entry.image, pullOptions: entry.pull_options, runOptions: entry.run_options };
      return perform(orderOfFile(wanted, run.ports.settings.containers), entry.name, run);
    },
  });

/** The steps that the operator's file declares, read anew each time; `declared` are the names of all other steps. */
export const stepsOfFile =
  (declared: readonly string[]) =>
  async ({ ports }: Run<AgentPorts>): Promise<readonly Step<AgentPorts>[]> => {
    const reserved = [...declared, ...managerMethods];
    const entries = await readStepsFile(ports.hardware, ports.settings.containers.stepsFile, reserved);
    return entries.map(stepOf);
  };
