import { ipFamily, isLinkLocal, type ServerSaid } from '../../system/index.ts';
import type { Check, LinkState, PathFacts, Way } from './facts.ts';

export const isOpen = (way: Way): boolean => 'from' in way.dialled;
const place = (address: string, port: number) =>
  ipFamily(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;

const linkText = ({ name, carrier, addresses }: LinkState): string => {
  const state = carrier === null ? 'is down' : carrier ? 'has link' : 'has no link';
  return `${name} ${state}${addresses.length === 0 ? '' : ` (${addresses.join(', ')})`}`;
};
const allLinks = (links: readonly LinkState[]) => links.map(linkText).join(', ');

/** A server that answers proves link and address, whatever the kernel says of them. */
export function checkLink({ links, ways }: PathFacts): Check {
  if (ways.some(isOpen) || links.some(({ carrier }) => carrier === true))
    return { name: 'link', ok: true, text: links.length === 0 ? 'loopback only' : allLinks(links) };
  const finding = { kind: 'link' } as const;
  if (links.length === 0) {
    const advice = 'check that the ramdisk has the driver of the NIC and that the firmware does not hide it';
    return { name: 'link', ok: false, text: 'this machine has no network interface', advice, finding };
  }
  const advice = 'check cable, transceiver and switch port';
  return { name: 'link', ok: false, text: `no network link: ${allLinks(links)}`, advice, finding };
}

export function checkAddress({ links, ways }: PathFacts): Check {
  const usable = links.flatMap(({ addresses }) => addresses.filter((address) => !isLinkLocal(address)));
  if (usable.length > 0 || ways.some(isOpen))
    return { name: 'address', ok: true, text: usable.length === 0 ? 'loopback only' : usable.join(', ') };
  return {
    name: 'address',
    ok: false,
    text: `no usable IP address: ${allLinks(links)}`,
    advice: 'check the DHCP server of the provisioning network and the VLAN of the switch port',
    finding: { kind: 'address' },
  };
}

const saidText = (servers: readonly ServerSaid[]): string =>
  servers.length === 0 ? 'no DNS server is configured' : servers.map((s) => `${s.server}: ${s.said}`).join(', ');

export function checkName({ host, resolution, proxy }: PathFacts): Check | null {
  if (resolution === null) return null;
  if ('addresses' in resolution)
    return { name: 'name', ok: true, text: `${host} is ${resolution.addresses.join(', ')}` };
  const { servers } = resolution;
  const known = servers.some(({ said }) => said === 'no such name');
  const silent = servers.length > 0 && servers.every(({ said }) => said === 'no answer' || said === 'refuses');
  const advice = known
    ? `check the name in the URL, or add it to the DNS of the provisioning network, or use an IP address`
    : silent
      ? 'check that the DNS servers which DHCP gives can be reached'
      : 'check that DHCP gives a DNS server, or use an IP address in the URL';
  const what = proxy === null ? 'its name' : "the proxy's name";
  const text = `${what} ${host} cannot be resolved, ${resolution.code} (${saidText(servers)})`;
  return { name: 'name', ok: false, text, advice, finding: { kind: 'name' } };
}

const viaText = ({ route }: Way): string => {
  if (route === null) return 'no route';
  const gateway = route.gateway === null ? '' : ` via ${route.gateway}`;
  return `from ${route.from ?? '?'}${gateway} on ${route.device ?? '?'}`;
};

export function checkRoute({ ways }: PathFacts): Check | null {
  if (ways.length === 0) return null;
  const text = ways.map((way) => `${way.address} ${viaText(way)}`).join(', ');
  if (ways.some((way) => way.route !== null || isOpen(way))) return { name: 'route', ok: true, text };
  const advice = 'check the default gateway that DHCP gives';
  return {
    name: 'route',
    ok: false,
    text: `no route to ${ways.map((way) => way.address).join(', ')}`,
    advice,
    finding: { kind: 'route' },
  };
}

interface Reading {
  readonly says: string;
  readonly advice: string;
}

const DIALLED: Readonly<Record<string, Reading>> = {
  ECONNREFUSED: {
    says: 'refuses the connection',
    advice: 'check that the service runs and listens on this address and port',
  },
  ETIMEDOUT: {
    says: 'does not answer',
    advice: 'check that the server is up and that no firewall drops the packets on the way',
  },
  EHOSTUNREACH: {
    says: 'is not there',
    advice: 'check the address, the VLAN and the gateway: nobody on the local network answers for it',
  },
  ENETUNREACH: { says: 'has no route', advice: 'check the default gateway that DHCP gives' },
  ECONNRESET: { says: 'cuts the connection', advice: 'check the load balancer or firewall in front of the service' },
};

export function checkConnection({ ways, port, proxy }: PathFacts): Check | null {
  if (ways.length === 0) return null;
  const readings = ways.map((way): Reading | null => {
    if ('from' in way.dialled) return null;
    const { code } = way.dialled;
    return DIALLED[code] ?? { says: `cannot be dialled (${code})`, advice: 'check address and port' };
  });
  const text = ways.map((way, at) => {
    const from = way.route?.from === undefined || way.route.from === null ? '' : ` to ${way.route.from}`;
    return `${place(way.address, port)} ${readings[at]?.says ?? `answers${from}`}`;
  });
  const through = proxy === null ? '' : `proxy ${proxy}: `;
  const ok = readings.includes(null);
  if (ok) return { name: 'connection', ok, text: `${through}${text.join(', ')}` };
  const base = readings[0]?.advice ?? '';
  const advice = proxy === null ? base : `${base}, or put the host into no_proxy`;
  return { name: 'connection', ok, text: `${through}${text.join(', ')}`, advice, finding: { kind: 'connection' } };
}
