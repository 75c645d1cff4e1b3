import { BlockList, isIP } from 'node:net';

const linkLocal = new BlockList();
linkLocal.addSubnet('169.254.0.0', 16);
linkLocal.addSubnet('fe80::', 10, 'ipv6');

/** 4 or 6 for an address, 0 for anything else, names included. */
export const ipFamily = (text: string): 0 | 4 | 6 => {
  const family = isIP(text);
  return family === 4 || family === 6 ? family : 0;
};

/** `fe80::1%eth0` and 169.254/16; false for names. */
export function isLinkLocal(address: string): boolean {
  const bare = address.replace(/%.*$/, '');
  const family = ipFamily(bare);
  return family !== 0 && linkLocal.check(bare, family === 6 ? 'ipv6' : 'ipv4');
}

/** An IPv4 peer of a dual-stack socket reads `::ffff:10.0.0.1`; this is `10.0.0.1`. */
export const unmapped = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/** 127/8 and `::1`; false for names. */
export function isLoopback(address: string): boolean {
  const family = ipFamily(address);
  return family !== 0 && loopback.check(address, family === 6 ? 'ipv6' : 'ipv4');
}
