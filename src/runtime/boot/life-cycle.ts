import { type Clock, type Log, reasonOf, uniform } from '../../core/index.ts';
import type { Hub } from '../hub.ts';
import { type BootEnd, type BootFacts, isEnd, type Phase } from './facts.ts';

export interface LifeCycleOptions {
  readonly phases: readonly Phase[];
  readonly hub: Hub;
  readonly log: Log;
  readonly clock: Clock;
  /** Pause before the first repeat of a failed boot; it grows to ten times as much. */
  readonly retryMs: number;
}

interface Failure {
  readonly error: unknown;
}

const isFailure = (outcome: BootFacts | BootEnd | Failure): outcome is Failure => 'error' in outcome;

/** What is still to do, with what is known. */
interface Ahead {
  readonly phases: readonly Phase[];
  readonly facts: BootFacts;
}

/**
 * Runs the phases in order and keeps what each has learned. A phase that fails is tried again, in this process and for
 * ever: a restart would lose the token, and an absent conductor comes back one day. After some failures more than the
 * phase has to be tried again, as a restart would do (protocol.md 1.3).
 * @returns the facts of a serving agent, or the state the boot ended in; rejects only when `signal` aborts.
 */
export async function bootUp(options: LifeCycleOptions, signal: AbortSignal): Promise<BootFacts | BootEnd> {
  const attempts = new Map<Phase, number>();
  let ahead: Ahead = { phases: options.phases, facts: {} };
  for (;;) {
    const [phase, ...later] = ahead.phases;
    if (phase === undefined) return ahead.facts;
    const outcome = await runPhase(phase, ahead.facts, options, signal);
    if (isFailure(outcome)) {
      const attempt = (attempts.get(phase) ?? 0) + 1;
      attempts.set(phase, attempt);
      await pause(phase, outcome.error, attempt, options, signal);
      if (phase.isStale?.(outcome.error) === true) ahead = startOver(ahead, options);
      continue;
    }
    if (isEnd(outcome)) return outcome;
    attempts.delete(phase);
    ahead = { phases: later, facts: outcome };
  }
}

async function runPhase(
  phase: Phase,
  facts: BootFacts,
  { hub, log, clock }: LifeCycleOptions,
  signal: AbortSignal,
): Promise<BootFacts | BootEnd | Failure> {
  if (!phase.when(facts)) return facts;
  hub.enter(phase.state, phase.waitsFor);
  log.info('boot.phase.start', { phase: phase.state, waitsFor: phase.waitsFor });
  try {
    const started = clock.monotonic();
    const outcome = await phase.run(facts, signal);
    log.info('boot.phase.end', { phase: phase.state, durationMs: Math.round(clock.monotonic() - started) });
    return outcome;
  } catch (error) {
    signal.throwIfAborted();
    return { error };
  }
}

async function pause(
  { state }: Phase,
  error: unknown,
  attempt: number,
  { hub, log, clock, retryMs }: LifeCycleOptions,
  signal: AbortSignal,
): Promise<void> {
  const pauseMs = Math.round(uniform(clock, 0.8, 1.2) * retryMs * Math.min(attempt, 10));
  log.error('boot.phase.failed', { phase: state, attempt, reason: reasonOf(error), retryInMs: pauseMs });
  hub.failed(`${state}: ${reasonOf(error)}`);
  await clock.sleep(pauseMs, signal);
}

/** Back to the phase that forgets; where there is none, the failed phase is all that is repeated. */
function startOver(ahead: Ahead, { phases, log }: LifeCycleOptions): Ahead {
  const first = phases.find(({ forget }) => forget !== undefined);
  if (first?.forget === undefined) return ahead;
  log.info('boot.start_over', { why: 'what was learned before may have become wrong' });
  return { phases: phases.slice(phases.indexOf(first)), facts: first.forget(ahead.facts) };
}
