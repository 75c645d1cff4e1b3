import { randomBytes } from 'node:crypto';
import { lookupNode } from '../documents.ts';
import type { NodeRecord } from '../store.ts';
import type { Desk } from './desk.ts';
import { invalid, nodeLocked, notFound } from './faults.ts';

const TOKEN_SINCE = 62;
const MAC = /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i;

const WAITING = ['inspect wait', 'cleaning', 'clean wait', 'deploying', 'wait call-back'];
const FAST_TRACK = [...WAITING, 'enroll', 'manageable', 'available'];

/** The full answer to a lookup. Generates the token once per boot; afterwards it is masked (protocol.md 4.5). */
export function lookupDocument(node: NodeRecord, desk: Desk, base: string, spoken: number) {
  const { settings } = desk;
  const known = node.agent.token !== null;
  const token = known ? '******' : randomBytes(32).toString('base64url');
  if (!known) desk.change(node.uuid, (n) => ({ ...n, agent: { ...n.agent, token } }));
  const config = {
    metrics: {
      backend: 'noop',
      prepend_host: false,
      prepend_uuid: false,
      prepend_host_reverse: true,
      global_prefix: null,
    },
    metrics_statsd: { statsd_host: 'localhost', statsd_port: 8125 },
    heartbeat_timeout: settings.heartbeatTimeout,
    agent_token: token,
    agent_token_required: true,
    disable_deep_image_inspection: false,
    permitted_image_formats: ['raw', 'gpt', 'qcow2', 'iso'],
    // The default of the stable branches.
    enable_bios_bootloader_install: true,
    ...(settings.maxVersion >= 93 ? { agent_md5_checksum_enable: false } : {}),
  };
  const fresh = desk.store.byUuid(node.uuid) ?? node;
  return { node: lookupNode(fresh, base), config: spoken < TOKEN_SINCE ? { ...config, agent_token: null } : config };
}

export interface LookupQuery {
  readonly addresses?: string | undefined;
  readonly node_uuid?: string | undefined;
}

/** @throws ApiFault 400, 404 or 409 as Ironic answers (protocol.md 4.2) */
export function lookup(query: LookupQuery, desk: Desk, base: string, spoken: number) {
  const macs = (query.addresses ?? '')
    .split(',')
    .map((mac) => mac.trim())
    .filter((mac) => MAC.test(mac));
  const uuid = query.node_uuid ?? '';
  if (macs.length === 0 && uuid === '')
    throw invalid("At least one of 'addresses' and 'node_uuid' parameters is required");
  const node = uuid === '' ? desk.store.byMacs(macs.map((m) => m.replaceAll('-', ':'))) : desk.store.byUuid(uuid);
  if (node === null) throw notFound();
  const allowed = desk.settings.fastTrack ? FAST_TRACK : WAITING;
  if (!allowed.includes(node.situation.provision)) throw notFound();
  if (node.agent.token === null && desk.locked(node.uuid)) throw nodeLocked(node.uuid);
  desk.note(`lookup of ${node.name} by ${uuid === '' ? macs.join(', ') : uuid}`);
  return lookupDocument(node, desk, base, spoken);
}
