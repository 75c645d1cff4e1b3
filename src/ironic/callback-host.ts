import { reasonOf } from '../core/index.ts';
import { ipLinks, ipRouteGet, isLinkLocal } from '../system/index.ts';
import type { ConductorApi, Reached } from './api/index.ts';
import { NoCallbackAddress } from './errors.ts';
import type { IronicPorts } from './ports.ts';

export interface CallbackHostSettings {
  /** Taken as it is. */
  readonly advertiseHost: string | null;
  /** The address of this interface, whatever leads to the API. */
  readonly networkInterface: string | null;
  /** What an earlier run of the agent told the conductor: taken while this machine has it, for no other is accepted. */
  readonly kept?: string | null;
  /** Rounds of the search, and the pause after each. */
  readonly attempts: number;
  readonly sleepMs: number;
}

type Ports = Pick<IronicPorts, 'tools' | 'clock' | 'log' | 'talk'>;

/** First IPv4 address of the interface; an interface that has none gives its first routable IPv6 address. */
async function addressOfInterface({ tools }: Ports, name: string, signal: AbortSignal): Promise<string | null> {
  const link = (await tools.run(ipLinks, undefined, signal)).find((candidate) => candidate.name === name);
  const usable = (link?.addresses ?? []).filter((address) => !isLinkLocal(address.local));
  const ipv4 = usable.find((address) => address.family === 'inet');
  return (ipv4 ?? usable.find((address) => address.family === 'inet6'))?.local ?? null;
}

/** The end of the socket that reached the API is the surest answer; the routing table is asked when it is of no use. */
async function addressTowards({ tools, log }: Ports, reached: Reached, signal: AbortSignal): Promise<string | null> {
  if (reached.localAddress !== null && !isLinkLocal(reached.localAddress)) return reached.localAddress;
  if (reached.remoteAddress === null) return null;
  try {
    const source = await tools.run(ipRouteGet, { to: reached.remoteAddress }, signal);
    return source === null || isLinkLocal(source) ? null : source;
  } catch (error) {
    signal.throwIfAborted();
    log.debug('callback.route.failed', { to: reached.remoteAddress, why: reasonOf(error) });
    return null;
  }
}

async function searchOnce(
  ports: Ports,
  settings: CallbackHostSettings,
  api: ConductorApi,
  signal: AbortSignal,
): Promise<{ readonly host: string } | { readonly why: string }> {
  const nic = settings.networkInterface;
  if (nic !== null) {
    const host = await addressOfInterface(ports, nic, signal);
    return host === null ? { why: `interface ${nic} is absent or has no address` } : { host };
  }
  const reached = await api.probe(signal);
  for (const one of reached) {
    const host = await addressTowards(ports, one, signal);
    if (host !== null) return { host };
  }
  if (reached.length === 0) return { why: `no API URL answers (${api.urls().join(', ')})` };
  return { why: 'every local address towards the API is link-local' };
}

async function isOurs({ tools, log }: Ports, host: string, signal: AbortSignal): Promise<boolean> {
  try {
    const links = await tools.run(ipLinks, undefined, signal);
    return links.some((link) => link.addresses.some((address) => address.local === host));
  } catch (error) {
    signal.throwIfAborted();
    log.debug('callback.links.failed', { why: reasonOf(error) });
    return false;
  }
}

/**
 * The address under which the conductor can call this agent (protocol 5.5).
 * @throws LookupAgentIPError when no round found one
 */
export async function findCallbackHost(
  ports: Ports,
  settings: CallbackHostSettings,
  api: ConductorApi,
  signal: AbortSignal,
): Promise<string> {
  if (settings.advertiseHost !== null) return settings.advertiseHost;
  const kept = settings.kept ?? null;
  if (kept !== null && (await isOurs(ports, kept, signal))) return kept;
  const host = await search(ports, settings, api, signal);
  if (kept !== null && kept !== host)
    ports.log.warn('callback.address.changed', {
      from: kept,
      to: host,
      effect: 'the conductor refuses heartbeats until it ends the operation or restarts the machine',
    });
  return host;
}

async function search(
  ports: Ports,
  settings: CallbackHostSettings,
  api: ConductorApi,
  signal: AbortSignal,
): Promise<string> {
  let why = 'no attempt was made';
  for (let round = 1; round <= settings.attempts; round += 1) {
    if (round > 1) await ports.clock.sleep(settings.sleepMs, signal);
    const found = await searchOnce(ports, settings, api, signal);
    if ('host' in found) {
      ports.talk?.succeeded('callback address');
      return found.host;
    }
    why = found.why;
    ports.talk?.failed('callback address', why);
    ports.log.warn('callback.address.missing', { round, of: settings.attempts, why });
  }
  throw NoCallbackAddress(why, { hint: 'check DHCP and routes, or set advertise_host or network_interface' });
}
