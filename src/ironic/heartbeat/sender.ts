import type { AgentError } from '../../core/index.ts';
import type { ConductorApi } from '../api/index.ts';
import { HeartbeatConflict } from '../errors.ts';
import type { IronicPorts } from '../ports.ts';
import { type HeartbeatFacts, heartbeatFault, heartbeatRefusal, heartbeatRequest } from './request.ts';

/** How the sending went so far. Times are wall clock, milliseconds since the epoch. */
export interface SendingState {
  readonly lastAttemptAt: number | null;
  readonly lastAcceptedAt: number | null;
  /** Failures in a row. */
  readonly failures: number;
  /** Answers 400 in a row: what the agent says does not please the conductor, and it will say the same again. */
  readonly refusals: number;
  readonly lastError: string | null;
}

export interface HeartbeatSender {
  /** Sends one heartbeat; rejects only when aborted. */
  send(signal: AbortSignal): Promise<'accepted' | 'failed'>;
  state(): SendingState;
}

/** A failure that lasts is logged at its 1st, 2nd, 4th, 8th, ... time, and whenever its reason changes. */
const isWorthALine = (failures: number) => Number.isInteger(Math.log2(failures));

export function createHeartbeatSender(
  { clock, log, talk }: Pick<IronicPorts, 'clock' | 'log' | 'talk'>,
  api: ConductorApi,
  facts: HeartbeatFacts,
): HeartbeatSender {
  const request = heartbeatRequest(facts);
  let state: SendingState = { lastAttemptAt: null, lastAcceptedAt: null, failures: 0, refusals: 0, lastError: null };
  const attempt = async (signal: AbortSignal): Promise<AgentError | null> => {
    try {
      return heartbeatRefusal(await api.request(request, signal), facts);
    } catch (error) {
      signal.throwIfAborted();
      return heartbeatFault(error);
    }
  };
  const accepted = () => {
    if (state.failures > 0) log.info('heartbeat.recovered', { failures: state.failures });
    else log.debug('heartbeat.accepted');
    state = { ...state, lastAcceptedAt: clock.now(), failures: 0, refusals: 0, lastError: null };
    talk?.succeeded('heartbeat');
  };
  const refused = (refusal: AgentError) => {
    const { data, details, type } = refusal;
    const failures = state.failures + 1;
    if (details !== state.lastError || isWorthALine(failures))
      log[HeartbeatConflict.is(refusal) ? 'info' : 'warn']('heartbeat.refused', { type, why: details, failures });
    state = { ...state, failures, refusals: data.status === 400 ? state.refusals + 1 : 0, lastError: details };
    // A locked node is the ordinary course of things.
    if (!HeartbeatConflict.is(refusal)) talk?.failed('heartbeat', details);
  };
  return {
    state: () => state,
    async send(signal) {
      state = { ...state, lastAttemptAt: clock.now() };
      const refusal = await attempt(signal);
      if (refusal === null) accepted();
      else refused(refusal);
      return refusal === null ? 'accepted' : 'failed';
    },
  };
}
