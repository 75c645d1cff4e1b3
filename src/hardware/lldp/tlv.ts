/** Type and value of one element of an LLDP data unit; the value in lower-case hex, as on the wire to Ironic. */
export type Tlv = readonly [type: number, value: string];

const HEADER = 2;

/**
 * The elements of an LLDP data unit (inventory.md 5.1): all of them, with the End and what stands behind it, such as the
 * padding of short frames. A value that the frame cuts off stays short; a lone last octet is dropped.
 */
export function parseTlvs(unit: Uint8Array): readonly Tlv[] {
  const bytes = Buffer.from(unit.buffer, unit.byteOffset, unit.byteLength);
  const tlvs: Tlv[] = [];
  for (let at = 0; at + HEADER <= bytes.byteLength; ) {
    const header = bytes.readUInt16BE(at);
    const start = at + HEADER;
    at = start + (header & 0x1ff);
    tlvs.push([header >> 9, bytes.toString('hex', start, Math.min(at, bytes.byteLength))]);
  }
  return tlvs;
}

const ORGANISATION = 127;
/** IEEE 802.1, VLAN name: id in two octets, length of the name, name. */
const VLAN_NAME = '0080c203';

/** Ids of the VLANs that a switch announces by name (inventory.md 2.5), as announced: 0 and 4095 may be among them. */
export function announcedVlans(tlvs: readonly Tlv[]): readonly number[] {
  const digits = tlvs
    .filter(([type, value]) => type === ORGANISATION && value.startsWith(VLAN_NAME))
    .map(([, value]) => value.slice(VLAN_NAME.length, VLAN_NAME.length + 4));
  return [...new Set(digits.filter(({ length }) => length === 4).map((id) => Number.parseInt(id, 16)))];
}
