/** PCI vendor id of Mellanox, now NVIDIA, as `/sys` writes it. */
export const MELLANOX = '0x15b3';

const INFINIBAND_OCTETS = 20;
const CLIENT_ID_PREFIX = 'ff:00:00:00:00:00:02:00:00:02:c9:00';

/** How conductors and DHCP servers know a network interface. */
export interface NicIdentity {
  readonly mac: string;
  /** What an InfiniBand port of Mellanox calls itself in DHCP; null for every other interface. */
  readonly clientId: string | null;
}

/**
 * Identity by hardware address (lower case) and PCI vendor. An InfiniBand address ends in the GUID of the port, eight
 * octets; boot firmware of Mellanox makes a MAC of it by leaving out the middle two (inventory 2.5).
 */
export function identityOf(address: string, vendor: string | null): NicIdentity {
  const octets = address.split(':');
  if (octets.length !== INFINIBAND_OCTETS || vendor !== MELLANOX) return { mac: address, clientId: null };
  const guid = octets.slice(-8);
  return {
    mac: [...guid.slice(0, 3), ...guid.slice(5)].join(':'),
    clientId: [CLIENT_ID_PREFIX, ...guid].join(':'),
  };
}
