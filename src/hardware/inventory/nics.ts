import { defineCollector, reasonOf } from '../../core/index.ts';
import { ethtoolSpeed, ipLinks, type LinkFacts } from '../../system/index.ts';
import { mapLimited } from '../parallel.ts';
import type { HardwarePorts } from '../ports.ts';
import { type BootPorts, bootMac } from './boot.ts';
import { identityOf, type NicIdentity } from './infiniband.ts';
import { Inventory } from './schema.ts';

/** A network interface with all that is known about it. */
export interface Nic extends NicIdentity {
  readonly name: string;
  /** Of the permanent address where the kernel knows it, lower case. */
  readonly mac: string;
  readonly ipv4: string | null;
  /** Link-local addresses carry their zone: `fe80::1%eno1`. */
  readonly ipv6: string | null;
  readonly hasCarrier: boolean;
  /** PCI ids such as `0x8086`. */
  readonly vendor: string | null;
  readonly product: string | null;
  /** Mbit/s the NIC supports at most. */
  readonly speedMbps: number | null;
  /** Name of the parent device: `0000:3b:00.0`, `virtio0`, `1-14:1.0`. */
  readonly busAddress: string | null;
  readonly driver: string | null;
}

export const interfaces = defineCollector({
  name: 'interfaces',
  doc: 'Physical NICs, bonds and VLANs with permanent MAC, addresses, ids and driver.',
  budgetMs: 30_000,
  schema: Inventory.properties.interfaces,
  fallback: [],
  async collect(ports: BootPorts, signal, note) {
    const { kept, dropped } = withoutBmcNics(await listNics(ports, signal), bootMac(ports.bootif));
    for (const nic of dropped) ports.log.warn('nic.dropped', { nic: nic.name, mac: nic.mac });
    if (kept.length === 0) note('no network interface has a MAC address');
    return kept.map(recordOf);
  },
});

/** What the reference does not tell of a NIC with a client id, though it could. */
const UNTOLD = { ipv6_address: null, speed_mbps: null, pci_address: null, driver: null };

const recordOf = (nic: Nic) => ({
  name: nic.name,
  mac_address: nic.mac,
  ipv4_address: nic.ipv4,
  ipv6_address: nic.ipv6,
  has_carrier: nic.hasCarrier,
  lldp: null,
  vendor: nic.vendor,
  product: nic.product,
  client_id: nic.clientId,
  biosdevname: null,
  speed_mbps: nic.speedMbps,
  pci_address: nic.busAddress,
  driver: nic.driver,
  ...(nic.clientId === null ? {} : UNTOLD),
});

/**
 * In-band BMC NICs carry one `fa:...` address on many servers and would match foreign nodes. Clouds give the same
 * prefix to real NICs: the boot NIC stays, and so do all when nothing else would be left. No BMC is on InfiniBand.
 */
export function withoutBmcNics(
  nics: readonly Nic[],
  boot: string | null,
): { readonly kept: readonly Nic[]; readonly dropped: readonly Nic[] } {
  const suspect = (nic: Nic) => nic.clientId === null && nic.mac.startsWith('fa:') && nic.mac !== boot;
  const kept = nics.filter((nic) => !suspect(nic));
  return kept.length === 0 ? { kept: nics, dropped: [] } : { kept, dropped: nics.filter(suspect) };
}

/** Interfaces with a device, bonds and dotted VLANs, in natural order; those without any MAC are left out. */
export async function listNics(
  ports: Pick<HardwarePorts, 'tools' | 'files' | 'log'>,
  signal?: AbortSignal,
): Promise<readonly Nic[]> {
  const links = new Map((await ports.tools.run(ipLinks, undefined, signal)).map((link) => [link.name, link]));
  const names = await nicNames(ports);
  const found = await mapLimited(names, 8, (name) => describe(ports, name, links.get(name), signal));
  return found.filter((nic) => nic !== null);
}

/** Names of the interfaces of inventory.md 2.5, also of those without a MAC address, in natural order. */
export async function nicNames({ files }: Pick<HardwarePorts, 'files'>): Promise<readonly string[]> {
  const all = await files.list('/sys/class/net');
  const wanted = await Promise.all(
    all.map(async (name) => {
      if (/\.\d+$/.test(name)) return true;
      const dir = `/sys/class/net/${name}`;
      return (await files.kind(`${dir}/device`)) !== null || (await files.kind(`${dir}/bonding`)) !== null;
    }),
  );
  const { compare } = new Intl.Collator('en', { numeric: true });
  return all.filter((_name, at) => wanted[at]).toSorted(compare);
}

async function describe(
  ports: Pick<HardwarePorts, 'tools' | 'files' | 'log'>,
  name: string,
  link: LinkFacts | undefined,
  signal?: AbortSignal,
): Promise<Nic | null> {
  const { files } = ports;
  const dir = `/sys/class/net/${name}`;
  const vendor = await files.textOrNull(`${dir}/device/vendor`);
  const current = link?.address ?? (await files.textOrNull(`${dir}/address`));
  const identity = [link?.permanent, current]
    .filter(isAddress)
    .map((address) => identityOf(address.toLowerCase(), vendor))
    .find(({ mac }) => isAddress(mac));
  if (identity === undefined) return null;
  const [carrier, product, speedMbps, device, driver] = await Promise.all([
    files.textOrNull(`${dir}/carrier`),
    files.textOrNull(`${dir}/device/device`),
    speedOf(ports, name, signal),
    files.link(`${dir}/device`),
    files.link(`${dir}/device/driver`),
  ]);
  return {
    name,
    ...identity,
    ipv4: link?.addresses.find((a) => a.family === 'inet')?.local ?? null,
    ipv6: ipv6Of(link, name),
    hasCarrier: carrier === '1',
    vendor,
    product,
    speedMbps,
    busAddress: lastOf(device),
    driver: lastOf(driver),
  };
}

const isAddress = (address: string | null | undefined): address is string =>
  typeof address === 'string' && /[1-9a-f]/i.test(address);
const lastOf = (path: string | null) => path?.split('/').at(-1) ?? null;

function ipv6Of(link: LinkFacts | undefined, name: string): string | null {
  const all = (link?.addresses ?? []).filter((a) => a.family === 'inet6');
  const best = all.find((a) => a.scope === 'global') ?? all.find((a) => a.scope !== 'link') ?? all[0];
  if (best === undefined) return null;
  return best.scope === 'link' ? `${best.local}%${name}` : best.local;
}

/** What the NIC supports, also without a cable; else the current speed. */
async function speedOf(
  { tools, files, log }: Pick<HardwarePorts, 'tools' | 'files' | 'log'>,
  nic: string,
  signal?: AbortSignal,
): Promise<number | null> {
  const supported = await tools.run(ethtoolSpeed, { nic }, signal).catch((error: unknown) => {
    signal?.throwIfAborted();
    log.debug('nic.speed.unknown', { nic, reason: reasonOf(error) });
    return null;
  });
  if (supported !== null) return supported;
  const current = Number((await files.textOrNull(`/sys/class/net/${nic}/speed`)) ?? -1);
  return Number.isSafeInteger(current) && current > 0 ? current : null;
}
