/** LLDP frames as switches send them (IEEE 802.1AB), composed octet by octet. */

const MULTICAST = '0180c200000e';
const SWITCH_PORT = '0012aabbcc07';
const ETHERTYPE = '88cc';

/** One element: 7 bits of type, 9 bits of length, value in hex; `length` lies when it is given. */
export function tlv(type: number, value = '', length = value.length / 2): string {
  const header = (type << 9) | length;
  return header.toString(16).padStart(4, '0') + value;
}

export const text = (value: string) => Buffer.from(value).toString('hex');

/** A VLAN name of IEEE 802.1: id and name. */
export const vlanName = (id: number, name: string) =>
  tlv(127, `0080c203${id.toString(16).padStart(4, '0')}${name.length.toString(16).padStart(2, '0')}${text(name)}`);

/** Chassis, port and time to live, which every frame starts with. */
export const start = (port: string) => tlv(1, '040012aabbcc00') + tlv(2, `05${text(port)}`) + tlv(3, '0078');

export const END = tlv(0);

/** A data unit in its Ethernet frame. `to` is an address in hex, `tags` are VLAN tags in hex. */
export const frameOf = (unit: string, { to = MULTICAST, tags = '' } = {}): Buffer =>
  Buffer.from(`${to}${SWITCH_PORT}${tags}${ETHERTYPE}${unit}`, 'hex');

/** What a data centre switch says of its port Ethernet1/7: VLAN 10 untagged, VLAN 101 by name. */
export const switchUnit = [
  start('Ethernet1/7'),
  tlv(4, text('to-rack4-u12')),
  tlv(5, text('leaf-a1')),
  tlv(6, text('ExampleOS 9.3')),
  tlv(7, '00140014'),
  tlv(8, '0501c000020a020000000100'),
  tlv(127, '0080c201000a'),
  vlanName(101, 'vl101'),
  tlv(127, '00120f042400'),
  END,
].join('');

/** The same as the inspection reports it (inventory.md 10.2). */
export const switchTlvs = [
  [1, '040012aabbcc00'],
  [2, '0545746865726e6574312f37'],
  [3, '0078'],
  [4, '746f2d7261636b342d753132'],
  [5, '6c6561662d6131'],
  [6, '4578616d706c654f5320392e33'],
  [7, '00140014'],
  [8, '0501c000020a020000000100'],
  [127, '0080c201000a'],
  [127, '0080c203006505766c313031'],
  [127, '00120f042400'],
  [0, ''],
];

interface CaptureForm {
  readonly big?: boolean;
  readonly magic?: number;
  readonly link?: number;
  /** What the record says of the frame's length. */
  readonly length?: number;
}

/** A capture file of one frame, as tcpdump writes it. */
export function captureOf(
  frame: Uint8Array,
  { big = false, magic = 0xa1b2c3d4, link = 1, length = frame.byteLength }: CaptureForm = {},
): Buffer {
  const numbers = [magic, 0x00040002, 0, 0, 1600, link, 1_780_000_000, 123_456, length, frame.byteLength];
  const header = Buffer.alloc(numbers.length * 4);
  for (const [at, number] of numbers.entries())
    if (big) header.writeUInt32BE(number, at * 4);
    else header.writeUInt32LE(number, at * 4);
  return Buffer.concat([header, frame]);
}
