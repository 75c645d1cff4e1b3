import { type Static, Type } from 'typebox';
import { fits } from '../../src/core/index.ts';
import type { CommandEntry, Kind, ListedStep, PlannedStep, Policy } from './states.ts';

export type Verdict =
  | { readonly is: 'fresh' }
  | { readonly is: 'wait'; readonly why: string }
  | { readonly is: 'succeeded' }
  | { readonly is: 'mismatch' }
  | { readonly is: 'failed'; readonly reason: string };

const WireError = Type.Object({ details: Type.Optional(Type.String()), message: Type.Optional(Type.String()) });
const StepName = Type.Object({ interface: Type.String(), step: Type.String() });
const StepResult = Type.Object({
  clean_step: Type.Optional(StepName),
  deploy_step: Type.Optional(StepName),
});

/** The sentence an operator sees: `details`, else `message`, else the object as text (protocol.md 8.1). */
export function errorText(error: unknown): string {
  if (typeof error === 'string') return error;
  if (fits(WireError, error)) return error.details ?? error.message ?? JSON.stringify(error);
  return JSON.stringify(error);
}

const sameStep = (a: Static<typeof StepName> | undefined, b: PlannedStep) =>
  a !== undefined && a.interface === b.interface && a.step === b.step;

/**
 * What the agent's command list says about the step in hand (protocol.md 8.5): only the last entry counts,
 * and a list without any work in it means that the agent has just booted.
 */
export function judge(kind: Kind, current: PlannedStep | null, commands: readonly CommandEntry[]): Verdict {
  const last = commands.at(-1);
  if (last === undefined || commands.every((c) => c.command_name === `get_${kind}_steps`)) return { is: 'fresh' };
  if (last.command_name !== `execute_${kind}_step`)
    return { is: 'wait', why: `the last command is ${last.command_name}` };
  if (last.command_status === 'RUNNING') return { is: 'wait', why: 'the step is still running' };
  if (last.command_status === 'FAILED') return { is: 'failed', reason: errorText(last.command_error) };
  if (last.command_status === 'CLEAN_VERSION_MISMATCH' || last.command_status === 'VERSION_MISMATCH')
    return { is: 'mismatch' };
  if (last.command_status !== 'SUCCEEDED')
    return { is: 'failed', reason: `the agent answered the unknown command status ${last.command_status}` };
  const result = fits(StepResult, last.command_result) ? last.command_result : {};
  const finished = kind === 'clean' ? result.clean_step : result.deploy_step;
  if (current === null || !sameStep(finished, current))
    return { is: 'wait', why: `the last finished step is ${finished?.step ?? 'not named'}` };
  return { is: 'succeeded' };
}

/** The conductor's own part of a direct deployment, highest priority first (imaging.md 1.1). */
const CORE_DEPLOY_STEPS: readonly PlannedStep[] = [
  { interface: 'deploy', step: 'write_image', priority: 80, owner: 'conductor' },
  { interface: 'deploy', step: 'prepare_instance_boot', priority: 60, owner: 'conductor' },
  { interface: 'deploy', step: 'tear_down_agent', priority: 40, owner: 'conductor' },
  { interface: 'deploy', step: 'boot_instance', priority: 20, owner: 'conductor' },
];

/** Steps to run, in order: priority above zero, highest first; equal priorities keep the agent's order. */
export function planSteps(kind: Kind, listed: readonly ListedStep[], policy: Policy): readonly PlannedStep[] {
  const offered = listed.map((s): PlannedStep => {
    const priority = kind === 'clean' ? (policy.cleanPriorities[s.step] ?? s.priority) : s.priority;
    return {
      interface: s.interface,
      step: s.step,
      priority,
      owner: 'agent',
      reboot_requested: s.reboot_requested ?? false,
    };
  });
  const all = kind === 'clean' ? offered : [...CORE_DEPLOY_STEPS, ...offered];
  return all.filter((s) => s.priority > 0).sort((a, b) => b.priority - a.priority);
}
