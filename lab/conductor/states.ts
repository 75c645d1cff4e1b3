import { type Static, Type } from 'typebox';

/** The part of Ironic's provision states that a server passes on its way from enrolment to a running OS. */
export const ProvisionState = Type.Union([
  Type.Literal('enroll'),
  Type.Literal('inspect wait'),
  Type.Literal('inspect failed'),
  Type.Literal('manageable'),
  Type.Literal('cleaning'),
  Type.Literal('clean wait'),
  Type.Literal('clean failed'),
  Type.Literal('available'),
  Type.Literal('deploying'),
  Type.Literal('wait call-back'),
  Type.Literal('deploy failed'),
  Type.Literal('active'),
]);
export type ProvisionState = Static<typeof ProvisionState>;

/** A step as the agent lists it, plus who performs it: the agent, or the conductor itself. */
export const PlannedStep = Type.Object({
  interface: Type.String(),
  step: Type.String(),
  priority: Type.Integer(),
  owner: Type.Union([Type.Literal('agent'), Type.Literal('conductor')]),
  reboot_requested: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
});
export type PlannedStep = Static<typeof PlannedStep>;

/** Everything a decision needs; stored, so that a run can be read afterwards. */
export const Situation = Type.Object({
  provision: ProvisionState,
  current: Type.Union([PlannedStep, Type.Null()]),
  pending: Type.Array(PlannedStep),
  stepsKnown: Type.Boolean(),
  error: Type.Union([Type.String(), Type.Null()]),
});
export type Situation = Static<typeof Situation>;

export const enrolled: Situation = {
  provision: 'enroll',
  current: null,
  pending: [],
  stepsKnown: false,
  error: null,
};

export type Kind = 'clean' | 'deploy';
export type Goal = 'inspect' | Kind;

/** One entry of the agent's command list, as far as a decision reads it (protocol.md 7.3). */
export const CommandEntry = Type.Object({
  command_name: Type.String(),
  command_status: Type.String(),
  command_error: Type.Optional(Type.Unknown()),
  command_result: Type.Optional(Type.Unknown()),
});
export type CommandEntry = Static<typeof CommandEntry>;

/** A step as the agent's `get_*_steps` answers it; more keys are allowed. */
export const ListedStep = Type.Object({
  interface: Type.String(),
  step: Type.String(),
  priority: Type.Integer(),
  reboot_requested: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
});
export type ListedStep = Static<typeof ListedStep>;

export type Event =
  /** The operator asks; `agentAlive` says that a running agent may be used without a reboot (fast track). */
  | { readonly type: 'ask'; readonly goal: Goal; readonly agentAlive: boolean }
  | { readonly type: 'inspected' }
  | { readonly type: 'heartbeat' }
  | { readonly type: 'steps'; readonly kind: Kind; readonly steps: readonly ListedStep[] }
  | { readonly type: 'commands'; readonly commands: readonly CommandEntry[] }
  /** The agent runs something else: the next heartbeat tries again. */
  | { readonly type: 'busy' }
  /** A step of the conductor itself is through. */
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly reason: string };

export type Action =
  | { readonly do: 'power-off' }
  | { readonly do: 'forget-agent' }
  | { readonly do: 'boot-ramdisk'; readonly purpose: 'inspect' | 'work' }
  | { readonly do: 'get-steps'; readonly kind: Kind }
  | { readonly do: 'execute-step'; readonly kind: Kind; readonly step: PlannedStep }
  | { readonly do: 'read-commands' }
  | { readonly do: 'prepare-boot' }
  | { readonly do: 'collect-logs' }
  | { readonly do: 'power-off-agent' }
  | { readonly do: 'boot-disk' };

/** Settings that do not change during a run. */
export interface Policy {
  /** Keep the agent running between inspect, clean and deploy. */
  readonly fastTrack: boolean;
  /** Operator's priorities by clean step name; 0 switches a step off. */
  readonly cleanPriorities: Readonly<Record<string, number>>;
}

export interface Decision {
  readonly next: Situation;
  readonly actions: readonly Action[];
}
