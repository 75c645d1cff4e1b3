import { bootPrograms, httpUrl, network } from './settings.ts';

export interface DnsmasqPaths {
  readonly tftpRoot: string;
  readonly leaseFile: string;
}

export interface Lease {
  readonly mac: string;
  readonly address: string;
  readonly hostname: string | null;
}

/**
 * DHCP for every NIC and the boot chain of Ironic: firmware gets iPXE by TFTP, iPXE (it announces option 175) gets
 * the boot script by HTTP. Client identifiers are ignored: firmware, iPXE and Linux then share one address per NIC.
 */
export function dnsmasqConfig(paths: DnsmasqPaths): string {
  const { bridge, firstLease, lastLease } = network;
  const lines = [
    ...['port=0', `interface=${bridge}`, 'except-interface=lo', 'bind-interfaces', 'no-resolv', 'no-hosts'],
    ...['user=root', 'pid-file=', 'keep-in-foreground', 'log-facility=-', 'log-dhcp'],
    ...['dhcp-authoritative', 'dhcp-ignore-clid', 'no-ping', `dhcp-leasefile=${paths.leaseFile}`],
    `dhcp-range=${firstLease},${lastLease},255.255.255.0,12h`,
    // iPXE waits a quarter of a minute for a router to answer over IPv6. This one answers and is no default route.
    ...['enable-ra', `dhcp-range=${network.prefix6},ra-only,64,12h`, `ra-param=${bridge},0,0`],
    ...['enable-tftp', `tftp-root=${paths.tftpRoot}`],
    'dhcp-match=set:ipxe,175',
    // iPXE shall not wait for a second, PXE-only DHCP server.
    'dhcp-option=encap:175,176,1b',
    // Client architectures of UEFI x86-64: 7 as the firmware of most machines says it, 9 as the standard does.
    ...['dhcp-match=set:uefi,option:client-arch,7', 'dhcp-match=set:uefi,option:client-arch,9'],
    `dhcp-boot=tag:ipxe,${httpUrl}/boot.ipxe`,
    `dhcp-boot=tag:!ipxe,tag:uefi,${bootPrograms.uefi}`,
    `dhcp-boot=tag:!ipxe,tag:!uefi,${bootPrograms.bios}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** Reads dnsmasq's lease file: expiry, MAC, address, host name or `*`, client identifier. */
export function parseLeases(text: string): readonly Lease[] {
  return text.split('\n').flatMap((line) => {
    const [expiry, mac, address, hostname] = line.trim().split(/\s+/);
    if (expiry === undefined || !/^\d+$/.test(expiry) || mac === undefined || address === undefined) return [];
    if (!mac.includes(':')) return [];
    return [
      { mac: mac.toLowerCase(), address, hostname: hostname === '*' || hostname === undefined ? null : hostname },
    ];
  });
}
