/** Addresses of the one network that a lab has; it exists in the lab's own namespace only. */
export const network = {
  bridge: 'br0',
  address: '172.22.0.1',
  prefix: 24,
  firstLease: '172.22.0.100',
  lastLease: '172.22.0.199',
  address6: 'fd00:22::1',
  prefix6: 'fd00:22::',
  httpPort: 8080,
} as const;

export const httpUrl = `http://${network.address}:${network.httpPort}`;

/** Boot programs that dnsmasq hands out by TFTP, from Debian's package ipxe. */
export const bootPrograms = { bios: 'undionly.kpxe', uefi: 'snponly.efi' } as const;
