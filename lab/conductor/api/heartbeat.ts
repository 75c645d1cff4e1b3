import { timingSafeEqual } from 'node:crypto';
import { type Static, Type } from 'typebox';
import type { AgentFacts, NodeRecord } from '../store.ts';
import type { Desk } from './desk.ts';
import { ApiFault, invalid } from './faults.ts';

const Text = Type.Optional(Type.Union([Type.String(), Type.Null()]));

export const HeartbeatBody = Type.Object(
  {
    callback_url: Type.String(),
    agent_version: Text,
    agent_token: Text,
    agent_verify_ca: Text,
    agent_status: Text,
    agent_status_message: Text,
  },
  { additionalProperties: false },
);
export type HeartbeatBody = Static<typeof HeartbeatBody>;

/** First API version that knows a field (protocol.md 3). */
const SINCE: readonly (readonly [keyof HeartbeatBody, number])[] = [
  ['agent_version', 36],
  ['agent_token', 62],
  ['agent_verify_ca', 68],
  ['agent_status', 72],
  ['agent_status_message', 72],
];

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** The sentence of a refusal, or null: the checks of Ironic in Ironic's order (protocol.md 5.2). */
export function refusal(body: HeartbeatBody, agent: AgentFacts, spoken: number, requireTls: boolean): string | null {
  const early = SINCE.find(([field, since]) => body[field] !== undefined && spoken < since);
  if (early !== undefined) return `Field "${early[0]}" not recognised`;
  if (agent.url !== null && agent.url !== body.callback_url)
    return 'Detected change in ramdisk provided "callback_url"';
  const token = body.agent_token ?? null;
  if (token === null) return 'Agent token is required for heartbeat processing.';
  const status = body.agent_status ?? null;
  if (status !== null && !['start', 'end', 'error'].includes(status))
    return 'Agent status is invalid. Valid states are start,end,error.';
  if ((body.agent_version ?? null) === null && status === null)
    return 'Agent did not transmit a version, and a version is required. Please update the agent being used.';
  if (agent.token === null || !equal(agent.token, token)) return 'Invalid or missing agent token received.';
  if (!/^https?:\/\//.test(body.callback_url)) return 'callback_url must be an http or https URL';
  if (requireTls && !body.callback_url.startsWith('https://')) return 'TLS is required by configuration';
  const ca = body.agent_verify_ca ?? null;
  if (ca !== null && agent.ca !== null && ca.trim() !== agent.ca.trim())
    return 'Detected change in ramdisk provided "agent_verify_ca" certificate';
  return null;
}

function remember(agent: AgentFacts, body: HeartbeatBody, nowMs: number): AgentFacts {
  return {
    ...agent,
    url: body.callback_url,
    version: body.agent_version ?? agent.version,
    ca: body.agent_verify_ca ?? agent.ca,
    lastHeartbeatMs: nowMs,
  };
}

/** Records the agent and lets the conductor act. @throws ApiFault 400 or 404 */
export function heartbeat(ident: string, body: HeartbeatBody, desk: Desk, spoken: number): void {
  const node: NodeRecord | null = desk.store.byUuid(ident);
  if (node === null) throw new ApiFault(404, `Node ${ident} could not be found.`);
  const refused = refusal(body, node.agent, spoken, desk.settings.requireTls);
  if (refused !== null) {
    desk.note(`heartbeat refused: ${refused}`);
    throw invalid(refused);
  }
  const first = node.agent.lastHeartbeatMs === null;
  if (first) desk.note(`first heartbeat of agent ${body.agent_version ?? '(no version)'} at ${body.callback_url}`);
  // A locked node drops a heartbeat silently; the certificate alone is kept (protocol.md 5.4).
  if (desk.locked(node.uuid)) {
    desk.change(node.uuid, (n) => ({ ...n, agent: { ...n.agent, ca: body.agent_verify_ca ?? n.agent.ca } }));
    return;
  }
  desk.change(node.uuid, (n) => ({ ...n, agent: remember(n.agent, body, desk.now()) }));
  desk.heartbeat(node.uuid);
}
