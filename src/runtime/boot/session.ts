import type { Node } from '../../core/index.ts';
import { type ApiVersion, type Heartbeat, lookup } from '../../ironic/index.ts';
import type { SettingsStore } from '../settings/index.ts';
import type { BootFacts } from './facts.ts';
import type { MachinePorts } from './phases/index.ts';

/** A deploy must not wait longer than this for a fresher node record (protocol.md 4.5). */
const REFRESH_MS = 20_000;

/** The agent's standing with its conductor: empty until lookup succeeded. */
export interface Session {
  apiVersion(): ApiVersion | null;
  heartbeat(): Heartbeat | null;
  open(facts: BootFacts, heartbeat: Heartbeat | null, signal: AbortSignal): Promise<void>;
  lookUpAgain(signal: AbortSignal): Promise<Node | null>;
}

/** `assumed`: the API's version as an earlier run of the agent knew it. */
export function createSession(ports: MachinePorts, store: SettingsStore, assumed: ApiVersion | null = null): Session {
  let facts: BootFacts = {};
  let heartbeat: Heartbeat | null = null;
  let apiVersion = assumed;
  return {
    apiVersion: () => apiVersion,
    heartbeat: () => heartbeat,
    open: async (booted, beat, signal) => {
      facts = booted;
      heartbeat = beat;
      apiVersion = (await booted.api?.apiVersion(signal)) ?? assumed;
    },
    lookUpAgain: async (signal) => {
      const { api, lookup: found, inventory } = facts;
      if (api === undefined || found === undefined) return null;
      const config = store.config();
      if (config.lookupTimeout === 0 || config.lookupInterval === 0) return null;
      const request = {
        macs: inventory?.interfaces.map((nic) => nic.mac_address) ?? [],
        nodeUuid: found.node.uuid,
        timeoutMs: Math.min(REFRESH_MS, config.lookupTimeout * 1000),
        intervalMs: config.lookupInterval * 1000,
        // The answer masks the token; what the agent has stays in force.
        knownToken: store.token(),
      };
      return (await lookup(ports, api, request, signal)).node;
    },
  };
}
