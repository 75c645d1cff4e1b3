import type { Nic } from '../../src/hardware/index.ts';

/** A NIC with carrier of which nothing else is known. */
export const aNic = (name: string, mac: string): Nic => ({
  name,
  mac,
  clientId: null,
  ipv4: null,
  ipv6: null,
  hasCarrier: true,
  vendor: null,
  product: null,
  speedMbps: null,
  busAddress: null,
  driver: null,
});
