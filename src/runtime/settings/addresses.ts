import type { Config } from '../../config/index.ts';

const MDNS = 'mdns';

/** Addresses of the API; the literal stands for one that discovery puts in its place. */
export const apiUrls = (config: Config): readonly string[] => config.apiUrl.filter((url) => url !== MDNS);

const callbackUrl = (config: Config): string | null =>
  config.inspectionCallbackUrl === MDNS ? null : config.inspectionCallbackUrl;

/** What multicast DNS has to find. `must`: nothing goes on without it. */
export interface Wanted {
  readonly api: 'no' | 'may' | 'must';
  readonly inspector: boolean;
}

/** The literal asks; without any address `use_mdns` does (protocol.md 10). */
export function wantedOfMdns(config: Config): Wanted {
  const inspector = config.inspectionCallbackUrl === MDNS;
  if (config.apiUrl.includes(MDNS)) return { api: 'must', inspector };
  const hasAddress = config.apiUrl.length > 0 || config.inspectionCallbackUrl !== null;
  return { api: config.mdnsUseMdns && !hasAddress ? 'may' : 'no', inspector };
}

/** What the inspection-only program has to find: it reports and looks up nothing (protocol.md 13.6). */
export function wantedOfMdnsAlone(config: Config): Wanted {
  const wanted = wantedOfMdns(config);
  return wanted.api === 'may' ? { api: 'no', inspector: true } : wanted;
}

/** An API to look up at is configured or will be searched for. */
export const hasConductor = (config: Config): boolean =>
  apiUrls(config).length > 0 || wantedOfMdns(config).api !== 'no';

/** Inspection runs with a callback URL, or with an API URL and a list of collectors (protocol.md 13.1). */
export const isInspecting = (config: Config): boolean =>
  callbackUrl(config) !== null || (config.inspectionCollectors !== null && apiUrls(config).length > 0);

export const inspectionAddresses = (config: Config) => ({ callbackUrl: callbackUrl(config), apiUrls: apiUrls(config) });
