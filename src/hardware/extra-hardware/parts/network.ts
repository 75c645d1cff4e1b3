import { defineCollector, reasonOf } from '../../../core/index.ts';
import {
  ethtoolAutonegotiation,
  ethtoolFirmware,
  ethtoolSettings,
  ipLinks,
  type LinkFacts,
  lspciNames,
  type PciName,
  type Tool,
} from '../../../system/index.ts';
import { listNics, type Nic } from '../../inventory/index.ts';
import { mapLimited } from '../../parallel.ts';
import type { HardwarePorts } from '../../ports.ts';
import { type Item, Items, itemsOf } from '../item.ts';

/** Each NIC has some sixty settings; a machine with hundreds of virtual functions would fill the report with them. */
const MAX_SETTINGS = 64;
const AT_ONCE = 8;

const MASK_BITS = 32;
const toNumber = (address: string) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const toAddress = (bits: number) => [24, 16, 8, 0].map((shift) => (bits >>> shift) & 0xff).join('.');
const maskOf = (prefix: number) => (prefix === 0 ? 0 : 0xffffffff << (MASK_BITS - prefix));

/** Address with mask, prefix length and network. */
export function ipv4Fields(address: string, prefix: number | null): Readonly<Record<string, string>> {
  if (prefix === null) return { ipv4: address };
  const mask = maskOf(prefix);
  return {
    ipv4: address,
    'ipv4-netmask': toAddress(mask),
    'ipv4-cidr': String(prefix),
    'ipv4-network': toAddress(toNumber(address) & mask),
  };
}

/** `10Gbit/s`, `100Mbit/s`. */
const paceOf = (mbits: number) => (mbits >= 1000 && mbits % 1000 === 0 ? `${mbits / 1000}Gbit/s` : `${mbits}Mbit/s`);

/** `pci@0000:19:00.0`, `virtio@2`, `usb@1:14`. */
export function businfoOf(bus: string | undefined, device: string | null): string | null {
  if (bus === undefined || device === null) return null;
  if (bus === 'usb') return `usb@${device.replace(/:.*$/, '').replace('-', ':')}`;
  return `${bus}@${bus === 'virtio' ? device.replace(/^virtio/, '') : device}`;
}

/** A question that many drivers do not answer. */
const ask = <I, T>({ tools, log }: HardwarePorts, tool: Tool<I, T>, input: I, signal: AbortSignal): Promise<T | null> =>
  tools.run(tool, input, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    log.debug('extra_hardware.nic.unknown', { reason: reasonOf(error) });
    return null;
  });

/** Latency timer of the PCI header; the other buses have none. */
async function latencyOf({ files }: HardwarePorts, bus: string | undefined, device: string | null) {
  if (bus !== 'pci' || device === null) return null;
  const header = await files.head(`/sys/bus/pci/devices/${device}/config`, 16).catch(() => new Uint8Array());
  const timer = header[13];
  return timer === undefined ? null : String(timer);
}

/** What the wire is doing now. Speed and duplex cannot be read, or are -1 and `unknown`, while there is no carrier. */
async function linkOf({ files }: HardwarePorts, nic: Nic) {
  const dir = `/sys/class/net/${nic.name}`;
  const [speed, duplex] = [Number(await files.textOrNull(`${dir}/speed`)), await files.textOrNull(`${dir}/duplex`)];
  const known = Number.isSafeInteger(speed) && speed > 0;
  return {
    size: known ? String(speed * 1_000_000) : null,
    link: nic.hasCarrier ? 'yes' : 'no',
    duplex: duplex === 'unknown' ? null : duplex,
    speed: known ? paceOf(speed) : null,
  };
}

interface Around {
  readonly links: ReadonlyMap<string, LinkFacts>;
  readonly names: ReadonlyMap<string, PciName>;
}

async function describe(ports: HardwarePorts, nic: Nic, { links, names }: Around, signal: AbortSignal) {
  const { name } = nic;
  const bus = (await ports.files.link(`/sys/class/net/${name}/device/subsystem`))?.split('/').at(-1);
  const [link, firmware, autonegotiation, latency] = await Promise.all([
    linkOf(ports, nic),
    ask(ports, ethtoolFirmware, { nic: name }, signal),
    ask(ports, ethtoolAutonegotiation, { nic: name }, signal),
    latencyOf(ports, bus, nic.busAddress),
  ]);
  const pci = names.get(nic.busAddress ?? '');
  const ipv4 = links.get(name)?.addresses.find(({ family }) => family === 'inet');
  return itemsOf('network', name, {
    businfo: businfoOf(bus, nic.busAddress),
    vendor: pci?.vendor,
    product: pci?.product,
    firmware,
    size: link.size,
    ...(ipv4 === undefined ? {} : ipv4Fields(ipv4.local, ipv4.prefix)),
    link: link.link,
    driver: nic.driver,
    duplex: link.duplex,
    speed: link.speed,
    latency,
    autonegotiation,
    serial: nic.mac,
  });
}

async function settingsOf(ports: HardwarePorts, nic: Nic, signal: AbortSignal): Promise<readonly Item[]> {
  const pause = await ask(ports, ethtoolSettings, { nic: nic.name, which: '-a' }, signal);
  const offloads = await ask(ports, ethtoolSettings, { nic: nic.name, which: '-k' }, signal);
  return itemsOf('network', nic.name, Object.fromEntries([...(pause ?? []), ...(offloads ?? [])]));
}

/** Group `network`: every NIC of the inventory. */
export const network = defineCollector({
  name: 'network',
  doc: 'Names, driver, firmware, addresses, link and offload settings of every NIC.',
  budgetMs: 45_000,
  schema: Items,
  fallback: [],
  async collect(ports: HardwarePorts, signal, note) {
    const nics = await listNics(ports, signal);
    const links = await ports.tools.run(ipLinks, undefined, signal);
    const names = await ports.tools.run(lspciNames, undefined, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      note(`names of PCI devices unknown: ${reasonOf(error)}`);
      return [];
    });
    const around = {
      links: new Map(links.map((link) => [link.name, link])),
      names: new Map(names.map((name) => [name.address, name])),
    };
    if (nics.length > MAX_SETTINGS) note(`settings of ${MAX_SETTINGS} NICs of ${nics.length} only`);
    const all = await mapLimited([...nics.entries()], AT_ONCE, async ([at, nic]) => [
      ...(await describe(ports, nic, around, signal)),
      ...(at < MAX_SETTINGS ? await settingsOf(ports, nic, signal) : []),
    ]);
    return all.flat();
  },
});
