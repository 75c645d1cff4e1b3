import { type Static, Type } from 'typebox';
import {
  AgentError,
  CleaningFailed,
  type Command,
  DeploymentFailed,
  defineCommand,
  type ErrorType,
  HardwareManagerMethodNotFound,
  type Run,
  reasonOf,
  ServicingFailed,
  type StepKind,
  VersionMismatch,
} from '../../core/index.ts';
import { isRecord, withLookedUp } from '../node.ts';
import type { AgentPorts } from '../ports.ts';

const Context = { node: Type.Optional(Type.Unknown()), ports: Type.Optional(Type.Unknown()) };

const GetSteps = Type.Object(Context);

const ExecuteStep = Type.Object({
  ...Context,
  step: Type.Object({
    step: Type.String({ minLength: 1, maxLength: 256 }),
    args: Type.Optional(Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()])),
  }),
});

const wrapper: Readonly<Record<StepKind, ErrorType>> = {
  clean: CleaningFailed,
  deploy: DeploymentFailed,
  service: ServicingFailed,
};

const className = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

/** Errors with a wire type pass; anything else is named after the kind of step (steps.md 1.5). */
async function explaining(kind: StepKind, name: string, work: Promise<unknown>): Promise<unknown> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof AgentError) throw error;
    const text = `Unexpected exception performing ${kind} step ${name}. ${className(error)}: ${reasonOf(error)}`;
    throw wrapper[kind](text, { cause: error });
  }
}

const argumentNames = (schema: unknown): readonly string[] =>
  isRecord(schema) && isRecord(schema.properties) ? Object.keys(schema.properties) : [];

/** `step.args` over those extra parameters of the call that the step knows; the other extras are not its business. */
async function argumentsOf(kind: StepKind, params: Static<typeof ExecuteStep>, run: Run<AgentPorts>): Promise<unknown> {
  const { node: _node, ports: _ports, step, ...extra } = params;
  const known = argumentNames((await run.ports.catalogue.find(kind, step.step, run))?.args);
  const fitting = Object.entries(extra).filter(([name]) => known.includes(name));
  return { ...Object.fromEntries(fitting), ...step.args };
}

const remember = async ({ node, ports, signal }: Run<AgentPorts>) => {
  if (node !== null) await ports.node.adopt(withLookedUp(node, ports.node.current()), signal);
};

const getSteps = (kind: StepKind): Command<AgentPorts> =>
  defineCommand({
    name: `${kind}.get_${kind}_steps`,
    kind: 'sync',
    doc: `List the ${kind} steps of all hardware managers and the versions of those managers.`,
    result: `\`${kind}_steps\`: manager class name -> steps; \`hardware_manager_version\`: manager name -> version`,
    moreParams: true,
    params: GetSteps,
    throws: [],
    run: async (_params, run: Run<AgentPorts>) => {
      await remember(run);
      const { catalogue } = run.ports;
      return { [`${kind}_steps`]: await catalogue.steps(kind, run), hardware_manager_version: catalogue.versions() };
    },
  });

const executeStep = (kind: StepKind): Command<AgentPorts> =>
  defineCommand({
    name: `${kind}.execute_${kind}_step`,
    kind: 'async',
    doc: `Execute one ${kind} step on this node.`,
    result: `\`${kind}_result\`: what the step returned; \`${kind}_step\`: the step as received, bulk and secrets masked`,
    moreParams: true,
    params: ExecuteStep,
    throws: [VersionMismatch, HardwareManagerMethodNotFound, wrapper[kind]],
    run: async (params, run: Run<AgentPorts>) => {
      const { catalogue } = run.ports;
      const { step } = params;
      await remember(run);
      catalogue.assertVersions(Object.entries(params).find(([key]) => key === `${kind}_version`)?.[1]);
      const inner = { ...run, portRecords: params.ports };
      const work = async () => catalogue.run(kind, step.step, await argumentsOf(kind, params, run), inner);
      const result = await explaining(kind, step.step, work());
      return { [`${kind}_result`]: result ?? null, [`${kind}_step`]: step };
    },
  });

const kinds: readonly StepKind[] = ['clean', 'deploy', 'service'];
export const stepCommands: readonly Command<AgentPorts>[] = kinds.flatMap((kind) => [
  getSteps(kind),
  executeStep(kind),
]);
