import type { Tlv } from './tlv.ts';

const CHASSIS_ID = 1;
const PORT_ID = 2;
const SYSTEM_NAME = 5;

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

/** What follows the subtype octet; a subtype that is not in the table is `otherwise`. */
const bySubtype =
  (forms: ReadonlyMap<number | undefined, Form>, otherwise: boolean): Form =>
  (value) =>
    value.byteLength > 0 && (forms.get(value[0])?.(value.subarray(1)) ?? otherwise);

const chassisForms: ReadonlyMap<number | undefined, Form> = new Map([
  ...[1, 2, 3, 6, 7].map((subtype): [number, Form] => [subtype, isText]),
  [4, isMac],
  [5, isAddress],
]);
const portForms: ReadonlyMap<number | undefined, Form> = new Map([
  ...[1, 2, 5, 7].map((subtype): [number, Form] => [subtype, isText]),
  [3, isMac],
  [4, isAddress],
]);

const rules: ReadonlyMap<number, Form> = new Map([
  [CHASSIS_ID, bySubtype(chassisForms, false)],
  [PORT_ID, bySubtype(portForms, true)],
  [SYSTEM_NAME, isText],
]);

/**
 * Whether Ironic can read this element. Its hook `local-link-connection` raises on chassis and port ids that are empty,
 * cut off or not UTF-8, on chassis ids of unknown kind, and on such system names: one of them fails the whole inspection
 * (inventory.md 4.7, 6.2).
 */
export const isDigestible = ([type, value]: Tlv): boolean => rules.get(type)?.(Buffer.from(value, 'hex')) ?? true;
