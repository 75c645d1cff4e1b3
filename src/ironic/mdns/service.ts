import { isLoopback, type ServiceRecord } from '../../system/index.ts';

/** Services that OpenStack announces (protocol.md 10). */
export type ServiceName = 'baremetal' | 'baremetal-introspection';

export const instanceName = (service: ServiceName): string => `${service}._openstack._tcp.local`;

/** An announced service, as far as its records tell. */
export interface Service {
  /** Host of the SRV record, without a final dot. */
  readonly target: string;
  readonly port: number;
  /** In the order in which they came. */
  readonly addresses: readonly string[];
  /** TXT entries that are readable text. */
  readonly text: Readonly<Record<string, string>>;
}

const bare = (name: string) => name.replace(/\.$/, '').toLowerCase();

function textOf(entries: readonly Uint8Array[]): Readonly<Record<string, string>> {
  const strict = new TextDecoder('utf-8', { fatal: true });
  const pairs = entries.flatMap((entry) => {
    try {
      const [, key, value] = /^([^=]+)=(.*)$/s.exec(strict.decode(entry)) ?? [];
      return key === undefined || value === undefined ? [] : [[key, value] as const];
    } catch {
      return [];
    }
  });
  return Object.fromEntries(pairs);
}

/** Null while a record is missing: there must be SRV and an address. TXT is optional. */
export function readService(name: string, records: readonly ServiceRecord[]): Service | null {
  const wanted = bare(name);
  const srv = records.find((record) => record.type === 'SRV' && bare(record.name) === wanted);
  if (srv?.type !== 'SRV') return null;
  const hosts = [bare(srv.target), wanted];
  const addresses = records.flatMap((record) =>
    (record.type === 'A' || record.type === 'AAAA') && hosts.includes(bare(record.name)) ? [record.address] : [],
  );
  if (addresses.length === 0) return null;
  const txt = records.find((record) => record.type === 'TXT' && bare(record.name) === wanted);
  return {
    target: srv.target.replace(/\.$/, ''),
    port: srv.port,
    addresses: [...new Set(addresses)],
    text: txt?.type === 'TXT' ? textOf(txt.entries) : {},
  };
}

/** Everything that may be asked of the answer; TXT may still come. */
export const isComplete = (name: string, records: readonly ServiceRecord[]): boolean =>
  readService(name, records) !== null && records.some(({ type }) => type === 'TXT');

/** The first address with a route that is not the loopback, else the first that is not the loopback. */
export function chooseAddress(addresses: readonly string[], routed: ReadonlySet<string>): string | null {
  const outside = addresses.filter((address) => !isLoopback(address));
  return outside.find((address) => routed.has(address)) ?? outside[0] ?? null;
}

/** A name outside `.local` can be resolved by everybody and fits a certificate; else the address. */
function hostOf({ target }: Service, address: string): string {
  if (target !== '' && !/\.local$/i.test(target)) return target;
  return address.includes(':') ? `[${address}]` : address;
}

/** `http://10.0.0.1:6385/baremetal`. */
export function serviceUrl(service: Service, address: string): string {
  const { protocol = service.port === 80 ? 'http' : 'https', path = '' } = service.text;
  return `${protocol}://${hostOf(service, address)}:${service.port}${path}`;
}

const OPTION = /^ipa_(.+)$/;

/** Options that the answer sets: those of `allowed`, or all when it is empty; the others by name. */
export function overridesOf({ text }: Service, allowed: readonly string[]) {
  const named = Object.entries(text).flatMap(([key, value]) => {
    const name = OPTION.exec(key)?.[1];
    return name === undefined ? [] : [[name, value] as const];
  });
  const isAllowed = ([name]: readonly [string, string]) => allowed.length === 0 || allowed.includes(name);
  return {
    values: Object.fromEntries(named.filter(isAllowed)),
    refused: named.filter((pair) => !isAllowed(pair)).map(([name]) => name),
  };
}
