import { Type } from 'typebox';
import { defineCollector, reasonOf } from '../../core/index.ts';
import { type Files, ipmitoolLan, ipmitoolLan6 } from '../../system/index.ts';
import type { HardwarePorts } from '../ports.ts';
import { Inventory } from './schema.ts';

export interface BmcPorts extends HardwarePorts {
  /** The conductor manages by Redfish and needs no address from here. */
  readonly skipBmc: boolean;
}

const { bmc_address: address, bmc_v6address: address6, bmc_mac: mac } = Inventory.properties;
/** Of the BMC, those that may be a LAN. */
export const bmcChannels: readonly number[] = Array.from({ length: 11 }, (_none, at) => at + 1);
/** A broken BMC interface takes minutes per call; what is known by then is used. */
const SCAN_MS = 10_000;
const NOTHING = { bmc_address: null, bmc_v6address: null };

interface Found {
  v4: string | null;
  v6: string | null;
  mac: string | null;
}

/** Null: no IPMI device or told to skip. `0.0.0.0` and `::/0`: a device without a configured address (inventory 2.6). */
export const bmc = defineCollector({
  name: 'bmc',
  doc: 'LAN addresses and MAC of the BMC, asked in-band by IPMI.',
  budgetMs: SCAN_MS + 3_000,
  schema: Type.Object({ bmc_address: address, bmc_v6address: address6, bmc_mac: mac }),
  fallback: NOTHING,
  async collect(ports: BmcPorts, signal, note) {
    if (ports.skipBmc || !(await hasIpmi(ports.files))) return NOTHING;
    const found: Found = { v4: null, v6: null, mac: null };
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(SCAN_MS)]);
    await scan(ports, found, inTime).catch((error: unknown) => note(`scan stopped early: ${reasonOf(error)}`));
    return {
      bmc_address: found.v4 ?? '0.0.0.0',
      bmc_v6address: found.v6 ?? '::/0',
      ...(found.mac === null ? {} : { bmc_mac: found.mac }),
    };
  },
});

/** Whether the kernel has a way to a BMC. */
export async function hasIpmi(files: Files): Promise<boolean> {
  const listed = await Promise.all(
    ['/dev', '/dev/ipmi', '/dev/ipmidev'].map(async (dir) => (await files.list(dir)).map((name) => `${dir}/${name}`)),
  );
  const nodes = listed.flat().filter((path) => /^\/dev\/(ipmi[^/]*|ipmi\/[^/]+|ipmidev\/[^/]+)$/.test(path));
  const kinds = await Promise.all(nodes.map((path) => files.kind(path)));
  return kinds.includes('char');
}

/** Channel after channel: most controllers answer one request at a time. */
async function scan({ tools }: HardwarePorts, found: Found, signal: AbortSignal): Promise<void> {
  for (const channel of bmcChannels) {
    const lan = await tools.run(ipmitoolLan, { channel }, signal);
    const ipv4 = lan.get('IP Address');
    if (ipv4 === undefined) continue;
    const configured = isIpv4(ipv4) && ipv4 !== '0.0.0.0';
    if (configured) found.v4 ??= ipv4;
    const v6 = found.v6 === null || (found.mac === null && !configured) ? await ipv6Of(tools, channel, signal) : null;
    found.v6 ??= v6;
    const hardware = lan.get('MAC Address')?.toLowerCase() ?? '';
    if ((configured || isRoutable(v6)) && isMac(hardware)) found.mac ??= hardware;
    if (found.v4 !== null && found.v6 !== null && found.mac !== null) return;
  }
}

const isIpv4 = (text: string) => /^(\d{1,3}\.){3}\d{1,3}$/.test(text) && text.split('.').every((n) => Number(n) < 256);
const isMac = (text: string) => /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(text) && /[1-9a-f]/.test(text);
const isRoutable = (address: string | null) => address !== null && !/^fe[89ab]/i.test(address);

/** The first active address of the channel, without prefix length. */
async function ipv6Of(tools: HardwarePorts['tools'], channel: number, signal: AbortSignal): Promise<string | null> {
  const [enables] = await tools.run(ipmitoolLan6, { channel, what: 'enables' }, signal);
  if (!/\b(ipv6|both)$/.test(enables?.get('IPv6/IPv4 Addressing Enables') ?? '')) return null;
  const dynamic = await tools.run(ipmitoolLan6, { channel, what: 'dynamic_addr' }, signal);
  const fixed = await tools.run(ipmitoolLan6, { channel, what: 'static_addr' }, signal);
  const usable = [
    ...dynamic.filter((slot) => /DHCPv6|SLAAC/.test(slot.get('Source/Type') ?? '')),
    ...fixed.filter((slot) => slot.get('Enabled') === 'yes'),
  ];
  const active = usable.filter((slot) => slot.get('Status') === 'active').map((slot) => slot.get('Address') ?? '');
  return active.map((text) => text.replace(/\/\d+$/, '')).find((text) => text !== '' && text !== '::') ?? null;
}
