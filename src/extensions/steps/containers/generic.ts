import { type Static, Type } from 'typebox';
import {
  CommandExecutionFailed,
  defineStep,
  InvalidCommandParams,
  type Run,
  type Step,
  type StepFacts,
} from '../../../core/index.ts';
import {
  ContainerNotPermitted,
  HardwareManagerMisconfigured,
  ignoresOptions,
  orderOfArguments,
} from '../../../hardware/index.ts';
import type { AgentPorts } from '../../ports.ts';
import { perform } from './perform.ts';

const Options = Type.Optional(Type.Union([Type.String(), Type.Array(Type.String()), Type.Null()]));
const args = Type.Object(
  { container_url: Type.String({ minLength: 1 }), pull_options: Options, run_options: Options },
  { additionalProperties: false },
);

const facts = {
  interface: 'deploy',
  in: { clean: { priority: 0 }, deploy: { priority: 0 }, service: { priority: 0 } },
  abortable: true,
  argsinfo: {
    container_url: { description: 'Container image to run, as the runner names it.', required: true },
    pull_options: {
      description:
        'Arguments for pulling the image; only with allow_arbitrary_containers. Default: [container]pull_options.',
      required: false,
    },
    run_options: {
      description: 'Arguments for running it; only with allow_arbitrary_containers. Default: [container]run_options.',
      required: false,
    },
  },
  throws: [InvalidCommandParams, ContainerNotPermitted, HardwareManagerMisconfigured, CommandExecutionFailed],
} as const satisfies Partial<StepFacts>;

function runNamed(given: Static<typeof args>, step: string, run: Run<AgentPorts>): Promise<unknown> {
  const settings = run.ports.settings.containers;
  const wanted = { image: given.container_url, pullOptions: given.pull_options, runOptions: given.run_options };
  const order = orderOfArguments(wanted, settings);
  if (ignoresOptions(wanted, settings))
    run.log.warn('container.options.ignored', { step, why: '[container]allow_arbitrary_containers is false' });
  return perform(order, step, run);
}

/** Steps whose arguments name the image (steps.md 2.4). */
export const genericContainerStep: Step<AgentPorts> = defineStep({
  ...facts,
  name: 'generic_container_step',
  doc: 'Pull a container image and run it to its end. The image must be allowed.',
  args,
  run: (given, run: Run<AgentPorts>) => runNamed(given, 'generic_container_step', run),
});

export const containerCleanStep: Step<AgentPorts> = defineStep({
  ...facts,
  name: 'container_clean_step',
  doc: 'The older name of `generic_container_step`.',
  args,
  run: (given, run: Run<AgentPorts>) => {
    run.log.warn('step.deprecated', { step: 'container_clean_step', use: 'generic_container_step' });
    return runNamed(given, 'container_clean_step', run);
  },
});
