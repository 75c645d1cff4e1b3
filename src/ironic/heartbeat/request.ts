import { type AgentError, reasonOf, redactText } from '../../core/index.ts';
import { type JsonResponse, ServerUnreachable } from '../../system/index.ts';
import {
  type ApiRequest,
  type ApiVersion,
  atLeast,
  faultOf,
  WITH_AGENT_VERSION,
  WITH_CERTIFICATE,
  WITH_STATUS,
  WITH_TOKEN,
} from '../api/index.ts';
import { HeartbeatConflict, HeartbeatFailed, HeartbeatUnreachable } from '../errors.ts';

/** What every heartbeat of one boot says; the conductor refuses a change of URL or certificate. */
export interface HeartbeatFacts {
  readonly nodeUuid: string;
  readonly callbackUrl: string;
  readonly token: string | null;
  readonly agentVersion: string;
  /** The generated certificate; null without automatic TLS. */
  readonly certificatePem: string | null;
  /** What the agent does now, for the node's record; null for nothing to say. Absent: progress is not reported. */
  readonly statusMessage?: () => string | null;
}

/** `agent_status` stays out: only installers that are no agents of this protocol set it (protocol 5.6). */
function statusOf({ statusMessage }: HeartbeatFacts, agreed: ApiVersion) {
  const message = atLeast(agreed, WITH_STATUS) ? (statusMessage?.() ?? null) : null;
  return message === null ? {} : { agent_status_message: message };
}

/** Protocol 5.1; older servers refuse keys they do not know. */
export const heartbeatRequest = (facts: HeartbeatFacts): ApiRequest => ({
  method: 'POST',
  path: `/v1/heartbeat/${encodeURIComponent(facts.nodeUuid)}`,
  newest: facts.statusMessage === undefined ? WITH_CERTIFICATE : WITH_STATUS,
  body: (agreed) => ({
    callback_url: facts.callbackUrl,
    ...(atLeast(agreed, WITH_AGENT_VERSION) ? { agent_version: facts.agentVersion } : {}),
    ...(atLeast(agreed, WITH_TOKEN) ? { agent_token: facts.token } : {}),
    ...(atLeast(agreed, WITH_CERTIFICATE) && facts.certificatePem !== null
      ? { agent_verify_ca: facts.certificatePem }
      : {}),
    ...statusOf(facts, agreed),
  }),
});

/** Why a heartbeat did not count; null when it did. A server may quote the request, so the token is taken out. */
export function heartbeatRefusal(answer: JsonResponse, { token }: Pick<HeartbeatFacts, 'token'>): AgentError | null {
  if (answer.status === 202) return null;
  const why = redactText(faultOf(answer), token === null ? [] : [token]);
  const data = { status: answer.status };
  return answer.status === 409 ? HeartbeatConflict(why, { data }) : HeartbeatFailed(why, { data });
}

/** A failure without any answer, as a heartbeat error. */
export const heartbeatFault = (error: unknown): AgentError =>
  ServerUnreachable.is(error)
    ? HeartbeatUnreachable(error.details, { cause: error })
    : HeartbeatFailed(reasonOf(error), { cause: error });
