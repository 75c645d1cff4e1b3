import type { Tlv } from './tlv.ts';

/** Octets of an address by its family: IPv4, IPv6, MAC. */
const ADDRESS_OCTETS: ReadonlyMap<number | undefined, number> = new Map([
  [1, 4],
  [2, 16],
  [6, 6],
]);
const MAC_OCTETS = 6;

type Form = (value: Buffer) => boolean;

const isText: Form = (value) => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(value);
    return true;
  } catch {
    return false;
  }
};
const isMac: Form = (value) => value.byteLength >= MAC_OCTETS;
const isAddress: Form = (value) => value.byteLength > 0 && value.byteLength > (ADDRESS_OCTETS.get(value[0]) ?? 0);

/** What must follow which subtype octet; other subtypes are none. */
interface Subtypes {
  readonly text: readonly number[];
  readonly mac: number;
  readonly address: number;
}

const bySubtype =
  ({ text, mac, address }: Subtypes): Form =>
  (value) => {
    const [subtype] = value;
    const rest = value.subarray(1);
    if (subtype === undefined) return false;
    if (subtype === mac) return isMac(rest);
    return subtype === address ? isAddress(rest) : text.includes(subtype) && isText(rest);
  };

const rules: ReadonlyMap<number, Form> = new Map([
  [1, bySubtype({ text: [1, 2, 3, 6, 7], mac: 4, address: 5 })],
  [2, bySubtype({ text: [1, 2, 5, 7], mac: 3, address: 4 })],
  [4, isText],
  [5, isText],
  [6, isText],
]);

/**
 * Whether the servers can read this element. Their hooks `local-link-connection`, `parse-lldp` and `lldp_basic` raise on
 * chassis and port ids (types 1 and 2) that are empty, cut off, of unknown kind or not UTF-8, and on other text that is
 * not UTF-8: one such element fails the whole inspection (inventory.md 4.7, 6.2).
 */
export const isDigestible = ([type, value]: Tlv): boolean => rules.get(type)?.(Buffer.from(value, 'hex')) ?? true;
