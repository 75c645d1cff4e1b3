import { KiB } from '../../core/index.ts';
import { defineTool } from '../tool.ts';

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
/** First four octets of a capture file as little-endian number: stamps in micro- or nanoseconds, written by either kind of machine. */
const LITTLE = [0xa1b2c3d4, 0xa1b23c4d];
const BIG = [0xd4c3b2a1, 0x4d3cb2a1];
const ETHERNET = 1;

/** The first frame of a capture file; null when there is none, or when its frames are not Ethernet. Cut files give what they hold. */
function firstFrame(file: Buffer): Buffer | null {
  if (file.byteLength < FILE_HEADER + RECORD_HEADER) return null;
  const magic = file.readUInt32LE(0);
  if (!LITTLE.includes(magic) && !BIG.includes(magic)) throw new Error('no capture file');
  const number = (at: number) => (LITTLE.includes(magic) ? file.readUInt32LE(at) : file.readUInt32BE(at));
  // The upper bits speak of checksums behind the frames, which Linux never hands out.
  if ((number(20) & 0xffff) !== ETHERNET) return null;
  const start = FILE_HEADER + RECORD_HEADER;
  return file.subarray(start, start + number(FILE_HEADER + 8));
}

const LLDP = 0x88cc;
const ADDRESSES = 12;
const VLAN_TAGS = [0x8100, 0x88a8];
const MAX_TAGS = 2;

/** What an Ethernet frame carries for LLDP; null for any other frame. Some switches put a priority tag in front. */
function lldpOf(frame: Buffer): Uint8Array | null {
  for (let at = ADDRESSES, tags = 0; at + 2 <= frame.byteLength && tags <= MAX_TAGS; at += 4, tags += 1) {
    const type = frame.readUInt16BE(at);
    if (type === LLDP) return frame.subarray(at + 2);
    if (!VLAN_TAGS.includes(type)) return null;
  }
  return null;
}

const MAX_FRAME = 1600;

/** The data unit of a frame, Ethernet header and VLAN tags dropped, null when that was no LLDP; or why there is none. */
export type LldpFrame = { readonly unit: Uint8Array | null } | { readonly failed: string };

/** The complaint among the lines about how it went: `tcpdump: eth0: That device is not up`. */
function complaint(stderr: string): string {
  const said = [...stderr.matchAll(/^tcpdump: (?!listening on )(.+)$/gm)].map(([, words = '']) => words);
  return said.at(-1) ?? (stderr.trim() || 'no reason given');
}

/**
 * Waits for one incoming LLDP frame on a NIC, which is promiscuous meanwhile (the kernel undoes that with the end of the
 * program, however it ends). What this machine sends is not taken for the switch. A NIC that is not up is a failure; one
 * that goes down later is waited for.
 */
export const lldpFrame = defineTool({
  bin: 'tcpdump',
  packages: { debian: 'tcpdump', redhat: 'tcpdump' },
  effect: 'reads',
  // Whoever listens knows how long, and ends it.
  timeoutMs: 86_400_000,
  maxOutputBytes: 4 * KiB,
  okExits: [0, 1],
  argv: (i: { readonly nic: string }) => [
    ...['-n', '-i', i.nic, '-Q', 'in', '-c', '1', '-s', String(MAX_FRAME)],
    // A small kernel buffer, and no second of waiting for more frames to come.
    ...['-B', '64', '--immediate-mode', '-U', '-w', '-', 'ether proto 0x88cc'],
  ],
  parse: ({ bytes, exitCode, stderr }): LldpFrame => {
    if (exitCode !== 0) return { failed: complaint(stderr) };
    const frame = firstFrame(Buffer.from(bytes));
    return { unit: frame === null ? null : lldpOf(frame) };
  },
});
