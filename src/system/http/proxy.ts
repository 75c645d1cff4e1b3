import { BlockList } from 'node:net';
import { ipFamily } from '../net.ts';

type Names = 'http_proxy' | 'https_proxy' | 'all_proxy' | 'no_proxy';

/** Proxy variables of the environment, in their usual names; lower case wins. */
export type ProxyEnvironment = Readonly<Partial<Record<Names | Uppercase<Names>, string | undefined>>>;

const setting = (env: ProxyEnvironment, name: Names, upper: Uppercase<Names>): string =>
  (env[name] ?? env[upper] ?? '').trim();

/** `10.0.0.0/8` holds 10.1.2.3. */
function isInNetwork(address: string, network: string): boolean {
  const [base = '', bits = ''] = network.split('/');
  const family = ipFamily(address);
  const most = family === 4 ? 32 : 128;
  if (family === 0 || ipFamily(base) !== family || !/^\d{1,3}$/.test(bits) || Number(bits) > most) return false;
  const block = new BlockList();
  block.addSubnet(base, Number(bits), family === 6 ? 'ipv6' : 'ipv4');
  return block.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/** One entry of `no_proxy`: `*`, a name and what is below it, an address, a network, each but the last with a port. */
function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*' || entry === host || isInNetwork(host, entry)) return true;
  const [, name = '', only] = /^(?:\*?\.)?\[?([^[\]]*?)\]?(?::(\d+))?$/.exec(entry) ?? [];
  if (name === '' || (only !== undefined && only !== port)) return false;
  return host === name || (ipFamily(host) === 0 && host.endsWith(`.${name}`));
}

/**
 * The proxy for `url`, or null when it is dialled directly. Reads `no_proxy` as ironic-python-agent does, networks in
 * CIDR form included.
 */
export function proxyOf(url: URL, env: ProxyEnvironment): string | null {
  const own = url.protocol === 'https:' ? setting(env, 'https_proxy', 'HTTPS_PROXY') : '';
  const plain = url.protocol === 'http:' ? setting(env, 'http_proxy', 'HTTP_PROXY') : '';
  const proxy = own || plain || setting(env, 'all_proxy', 'ALL_PROXY');
  if (proxy === '') return null;
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  const exempt = setting(env, 'no_proxy', 'NO_PROXY').toLowerCase().split(',');
  const around = exempt.some((entry) => entry.trim() !== '' && matches(entry.trim(), host, port));
  return around ? null : /^[a-z][a-z0-9+.-]*:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
}
