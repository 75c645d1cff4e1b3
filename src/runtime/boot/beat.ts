import { callbackUrl, createHeartbeat, type Heartbeat } from '../../ironic/index.ts';
import type { SettingsStore } from '../settings/index.ts';
import type { BootFacts } from './facts.ts';
import type { MachinePorts } from './phases/index.ts';

/** The heartbeat of a booted agent; null without a conductor (protocol.md 5.1). */
export function heartbeatOf(
  facts: BootFacts,
  ports: MachinePorts,
  store: SettingsStore,
  version: string,
): Heartbeat | null {
  const { api, lookup, callbackHost, certificate } = facts;
  if (api === undefined || lookup === undefined || callbackHost === undefined) return null;
  const config = store.config();
  const protocol = certificate === undefined ? config.advertiseProtocol : 'https';
  return createHeartbeat(ports, api, {
    nodeUuid: lookup.node.uuid,
    callbackUrl: callbackUrl(protocol, callbackHost, config.advertisePort),
    token: store.token(),
    agentVersion: version,
    certificatePem: certificate?.certPem ?? null,
    intervalMs: lookup.heartbeatTimeoutMs,
  });
}
