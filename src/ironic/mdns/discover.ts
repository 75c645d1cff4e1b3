import { reasonOf } from '../../core/index.ts';
import { ipFamily, ipRouteGet, type MulticastDns } from '../../system/index.ts';
import { ServiceNotFound } from '../errors.ts';
import type { IronicPorts } from '../ports.ts';
import {
  chooseAddress,
  instanceName,
  isComplete,
  overridesOf,
  readService,
  type ServiceName,
  serviceUrl,
} from './service.ts';

const ANSWER_MS = 3_000;
const PAUSE_STEP_MS = 100;

export interface DiscoverySettings {
  readonly attempts: number;
  /** Own addresses of the interfaces to ask on; empty means all. */
  readonly interfaces: readonly string[];
  /** Options that an answer may set; empty means all. */
  readonly allowedOverrides: readonly string[];
}

export interface Discovered {
  readonly url: string;
  /** `[DEFAULT]` options by their names in files. */
  readonly overrides: Readonly<Record<string, string>>;
}

type Ports = Pick<IronicPorts, 'tools' | 'clock' | 'log'> & { readonly multicast: MulticastDns };

async function routedOf({ tools }: Ports, addresses: readonly string[], signal: AbortSignal) {
  const routed = await Promise.all(
    addresses.map(async (address) => {
      if (ipFamily(address) === 0) return [];
      const source = await tools.run(ipRouteGet, { to: address }, signal).catch(() => null);
      signal.throwIfAborted();
      return source === null ? [] : [address];
    }),
  );
  return new Set(routed.flat());
}

async function once(ports: Ports, service: ServiceName, settings: DiscoverySettings, signal: AbortSignal) {
  const name = instanceName(service);
  const { interfaces } = settings;
  const enough = isComplete.bind(null, name);
  const { records, from } = await ports.multicast.ask({ name, interfaces, timeoutMs: ANSWER_MS, enough }, signal);
  const found = readService(name, records);
  if (found === null) throw ServiceNotFound(`nobody on the network announces ${name}`);
  const address = chooseAddress(found.addresses, await routedOf(ports, found.addresses, signal));
  if (address === null) throw ServiceNotFound(`${name} is announced with loopback addresses only`);
  const { values, refused } = overridesOf(found, settings.allowedOverrides);
  if (refused.length > 0)
    ports.log.warn('mdns.override.refused', { options: refused, allowed: settings.allowedOverrides });
  const url = serviceUrl(found, address);
  ports.log.info('mdns.found', { service: name, url, from, overrides: Object.keys(values) });
  return { url, overrides: values };
}

/** Asks the local network for a service of OpenStack. @throws ServiceNotFound after the last attempt */
export async function discover(
  ports: Ports,
  service: ServiceName,
  settings: DiscoverySettings,
  signal: AbortSignal,
): Promise<Discovered> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await once(ports, service, settings, signal);
    } catch (error) {
      if (!ServiceNotFound.is(error) || attempt >= settings.attempts) throw error;
      ports.log.debug('mdns.silence', { attempt, reason: reasonOf(error) });
      await ports.clock.sleep(attempt * PAUSE_STEP_MS, signal);
    }
  }
}
