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

/**
 * Runs the phases in order and keeps what each has learned. A phase that fails is tried again, in this process and for
 * ever: a restart would lose the token, and an absent conductor comes back one day.
 * @returns the facts of a serving agent, or the state the boot ended in; rejects only when `signal` aborts.
 */
export async function bootUp(options: LifeCycleOptions, signal: AbortSignal): Promise<BootFacts | BootEnd> {
  let facts: BootFacts = {};
  for (const phase of options.phases) {
    const outcome = await runPhase(phase, facts, options, signal);
    if (isEnd(outcome)) return outcome;
    facts = outcome;
  }
  return facts;
}

async function runPhase(
  phase: Phase,
  facts: BootFacts,
  { hub, log, clock, retryMs }: LifeCycleOptions,
  signal: AbortSignal,
): Promise<BootFacts | BootEnd> {
  if (!phase.when(facts)) return facts;
  hub.enter(phase.state, phase.waitsFor);
  log.info('boot.phase.start', { phase: phase.state, waitsFor: phase.waitsFor });
  for (let attempt = 1; ; attempt += 1) {
    try {
      const started = clock.monotonic();
      const outcome = await phase.run(facts, signal);
      log.info('boot.phase.end', { phase: phase.state, durationMs: Math.round(clock.monotonic() - started) });
      return outcome;
    } catch (error) {
      signal.throwIfAborted();
      const pauseMs = Math.round(uniform(clock, 0.8, 1.2) * retryMs * Math.min(attempt, 10));
      log.error('boot.phase.failed', { phase: phase.state, attempt, reason: reasonOf(error), retryInMs: pauseMs });
      hub.failed(`${phase.state}: ${reasonOf(error)}`);
      await clock.sleep(pauseMs, signal);
    }
  }
}
