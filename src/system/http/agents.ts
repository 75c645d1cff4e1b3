import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { type ProxyEnvironment, proxyOf } from './proxy.ts';

/** A dead IPv6 route of a dual-stack server must not use up the time for IPv4, nor a slow link lose both. */
const PER_ADDRESS_MS = 3000;

export interface Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

/** Connections for `url`: direct ones or through the proxy of the environment. */
export type AgentsFor = (url: URL) => Agents;

/** `keepAlive`: connections are kept and used again. */
export function createAgents(environment: ProxyEnvironment, keepAlive: boolean): AgentsFor {
  const pools = new Map<string | null, Agents>();
  return (url) => {
    const proxy = proxyOf(url, environment);
    const known = pools.get(proxy);
    if (known !== undefined) return known;
    const proxyEnv = proxy === null ? {} : { http_proxy: proxy, https_proxy: proxy };
    const options = { keepAlive, proxyEnv, autoSelectFamilyAttemptTimeout: PER_ADDRESS_MS };
    const made = { http: new HttpAgent(options), https: new HttpsAgent(options) };
    pools.set(proxy, made);
    return made;
  };
}
