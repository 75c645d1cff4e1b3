import { judge, planSteps } from './judge.ts';
import type { Action, Decision, Event, Goal, Kind, PlannedStep, Policy, Situation } from './states.ts';

const REBOOT: readonly Action[] = [
  { do: 'power-off' },
  { do: 'forget-agent' },
  { do: 'boot-ramdisk', purpose: 'work' },
];
const stay = (now: Situation): Decision => ({ next: now, actions: [] });

/** Which procedure a provision state belongs to; null where nothing is in hand. */
export function procedureOf(provision: Situation['provision']): Goal | null {
  if (provision === 'inspect wait') return 'inspect';
  if (provision === 'cleaning' || provision === 'clean wait') return 'clean';
  if (provision === 'deploying' || provision === 'wait call-back') return 'deploy';
  return null;
}

function kindOf(now: Situation): Kind | null {
  const procedure = procedureOf(now.provision);
  return procedure === 'inspect' ? null : procedure;
}

const waitState = (kind: Kind) => (kind === 'clean' ? 'clean wait' : 'wait call-back');
const workState = (kind: Kind) => (kind === 'clean' ? 'cleaning' : 'deploying');

const STARTS_FROM: Readonly<Record<Goal, readonly Situation['provision'][]>> = {
  inspect: ['enroll', 'manageable', 'inspect failed'],
  clean: ['manageable', 'clean failed'],
  deploy: ['available', 'deploy failed'],
};

/** Whether the operator may ask for `goal` now. */
export const mayAsk = (now: Situation, goal: Goal): boolean => STARTS_FROM[goal].includes(now.provision);

function ask(now: Situation, goal: Goal, agentAlive: boolean): Decision {
  if (!mayAsk(now, goal)) return stay(now);
  const clear = { ...now, current: null, pending: [], stepsKnown: false, error: null };
  if (goal === 'inspect')
    return {
      next: { ...clear, provision: 'inspect wait' },
      actions: [{ do: 'power-off' }, { do: 'forget-agent' }, { do: 'boot-ramdisk', purpose: 'inspect' }],
    };
  if (agentAlive) return { next: { ...clear, provision: workState(goal) }, actions: [{ do: 'get-steps', kind: goal }] };
  return { next: { ...clear, provision: waitState(goal) }, actions: REBOOT };
}

function conductorActions(step: PlannedStep, kind: Kind): readonly Action[] {
  if (step.step === 'prepare_instance_boot') return [{ do: 'prepare-boot' }];
  if (step.step === 'tear_down_agent') return [{ do: 'collect-logs' }, { do: 'power-off-agent' }];
  if (step.step === 'boot_instance') return [{ do: 'boot-disk' }];
  return [{ do: 'execute-step', kind, step }];
}

/** Takes up the next step, or ends the procedure when none is left. */
function advance(now: Situation, kind: Kind, policy: Policy): Decision {
  const [step, ...pending] = now.pending;
  if (step === undefined) {
    const over = { ...now, current: null, pending: [] };
    if (kind === 'deploy') return { next: { ...over, provision: 'active' }, actions: [] };
    const end: readonly Action[] = policy.fastTrack ? [] : [{ do: 'power-off' }, { do: 'forget-agent' }];
    return { next: { ...over, provision: 'available' }, actions: end };
  }
  const inBand = step.owner === 'agent' || step.step === 'write_image';
  const provision = inBand ? waitState(kind) : workState(kind);
  return { next: { ...now, provision, current: step, pending }, actions: conductorActions(step, kind) };
}

function heartbeat(now: Situation, policy: Policy): Decision {
  if (now.provision !== 'clean wait' && now.provision !== 'wait call-back') return stay(now);
  const kind = now.provision === 'clean wait' ? 'clean' : 'deploy';
  if (!now.stepsKnown) return { next: now, actions: [{ do: 'get-steps', kind }] };
  // Steps wait but none is in hand: the agent was busy when the step was sent.
  if (now.current === null) return advance(now, kind, policy);
  return { next: now, actions: [{ do: 'read-commands' }] };
}

/** The agent refused because it runs something else: the step goes back to the head of the queue. */
function busy(now: Situation): Decision {
  if (now.current === null) return stay(now);
  return { next: { ...now, current: null, pending: [now.current, ...now.pending] }, actions: [] };
}

function planned(now: Situation, event: Extract<Event, { type: 'steps' }>, policy: Policy): Decision {
  const pending = [...planSteps(event.kind, event.steps, policy)];
  const next = { ...now, stepsKnown: true, current: null, pending };
  // A deployment that waited for the boot asks the agent once more; a fast-track one goes on at once.
  if (now.provision === 'wait call-back') return { next, actions: [{ do: 'read-commands' }] };
  return advance(next, event.kind, policy);
}

function listed(now: Situation, event: Extract<Event, { type: 'commands' }>, policy: Policy): Decision {
  const kind = kindOf(now);
  if (kind === null) return stay(now);
  const verdict = judge(kind, now.current, event.commands);
  if (verdict.is === 'wait') return stay(now);
  if (verdict.is === 'failed') return failed(now, verdict.reason);
  if (verdict.is === 'mismatch')
    return { next: { ...now, stepsKnown: false, current: null, pending: [] }, actions: [{ do: 'get-steps', kind }] };
  if (verdict.is === 'succeeded' && now.current?.reboot_requested === true) return { next: now, actions: REBOOT };
  return advance(now, kind, policy);
}

function failed(now: Situation, reason: string): Decision {
  const procedure = procedureOf(now.provision);
  if (procedure === null) return stay(now);
  const step = now.current === null ? '' : `step ${now.current.interface}.${now.current.step}: `;
  return {
    next: { ...now, provision: `${procedure} failed`, error: `${step}${reason}` },
    actions: procedure === 'inspect' ? [] : [{ do: 'collect-logs' }],
  };
}

/** The whole behaviour of the conductor, without any effect: where it goes from here and what it does on the way. */
export function next(now: Situation, event: Event, policy: Policy): Decision {
  if (event.type === 'ask') return ask(now, event.goal, event.agentAlive);
  if (event.type === 'heartbeat') return heartbeat(now, policy);
  if (event.type === 'steps') return planned(now, event, policy);
  if (event.type === 'commands') return listed(now, event, policy);
  if (event.type === 'failed') return failed(now, event.reason);
  if (event.type === 'busy') return busy(now);
  if (event.type === 'inspected')
    return now.provision === 'inspect wait'
      ? { next: { ...now, provision: 'manageable' }, actions: policy.fastTrack ? [] : [{ do: 'power-off' }] }
      : stay(now);
  const kind = kindOf(now);
  return kind === null ? stay(now) : advance(now, kind, policy);
}
