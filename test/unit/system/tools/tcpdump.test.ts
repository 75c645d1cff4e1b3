import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lldpFrame } from '../../../../src/system/index.ts';
import { captureOf, frameOf, switchUnit } from '../../../kit/lldp/frames.ts';

const outcome = (bytes: Uint8Array, exitCode = 0, stderr = '') =>
  lldpFrame.parse({ exitCode, stdout: '', stderr, bytes }, { nic: 'eth0' });
const read = (bytes: Uint8Array) => {
  const found = outcome(bytes);
  if ('failed' in found) throw new Error(found.failed);
  return found.unit === null ? null : Buffer.from(found.unit).toString('hex');
};
const frame = frameOf(switchUnit);

describe('the one LLDP frame that tcpdump writes', () => {
  it.each<readonly [string, Uint8Array, string | null]>([
    ['of this kind of machine', captureOf(frame), switchUnit],
    ['of the other kind of machine', captureOf(frame, { big: true }), switchUnit],
    ['with stamps in nanoseconds', captureOf(frame, { magic: 0xa1b23c4d }), switchUnit],
    ['with a priority tag', captureOf(frameOf(switchUnit, { tags: '8100e000' })), switchUnit],
    ['with two VLAN tags', captureOf(frameOf(switchUnit, { tags: '88a8000a81000014' })), switchUnit],
    ['with more tags than switches send', captureOf(frameOf(switchUnit, { tags: '8100000a'.repeat(3) })), null],
    ['with nothing in it', captureOf(frameOf('')), ''],
    ['that is cut off in the file', captureOf(frame).subarray(0, -10), switchUnit.slice(0, -20)],
    ['that is said to be shorter', captureOf(frame, { length: 20 }), switchUnit.slice(0, 12)],
    ['that is said to be 4 GiB', captureOf(frame, { length: 0xffffffff }), switchUnit],
    ['that has no type', captureOf(frame.subarray(0, 13)), null],
    ['that is too short for its addresses', captureOf(frame.subarray(0, 5)), null],
    ['that is IPv4', captureOf(Buffer.from(`${'00'.repeat(12)}080045`, 'hex')), null],
    ['of InfiniBand', captureOf(frame, { link: 247 }), null],
    ['that never came', captureOf(frame).subarray(0, 24), null],
    ['of a program that wrote nothing', new Uint8Array(), null],
  ])('%s', (_case, file, unit) => {
    expect(read(file)).toBe(unit);
  });

  it('is refused when it is no capture', () => {
    expect(() => read(Buffer.alloc(100, 'x'))).toThrow('no capture file');
  });

  it('never runs astray, whatever the file holds', () => {
    const files = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => captureOf(bytes)),
      fc
        .uint8Array({ maxLength: 200 })
        .map((bytes) => Buffer.concat([captureOf(new Uint8Array()).subarray(0, 24), bytes])),
    );
    fc.assert(fc.property(files, (file) => (read(file)?.length ?? 0) <= file.byteLength * 2));
  });

  it.each([
    ['a NIC that is down', 'tcpdump: a0: That device is not up\n', 'a0: That device is not up'],
    [
      'one that vanishes',
      'tcpdump: listening on a0, link-type EN10MB (Ethernet), snapshot length 1600 bytes\ntcpdump: pcap_loop: The interface disappeared\n0 packets captured\n0 packets received by filter\n0 packets dropped by kernel\n',
      'pcap_loop: The interface disappeared',
    ],
    ['a program without words', '', 'no reason given'],
    [
      'a program that fails otherwise',
      'error while loading shared libraries\n',
      'error while loading shared libraries',
    ],
  ])('is missing, for %s, with the reason', (_case, stderr, failed) => {
    expect(outcome(new Uint8Array(), 1, stderr)).toEqual({ failed });
  });

  it('takes no frame of this machine for one of the switch, and no more memory than it needs', () => {
    expect(lldpFrame.argv({ nic: 'eno1' }).join(' ')).toBe(
      '-n -i eno1 -Q in -c 1 -s 1600 -B 64 --immediate-mode -U -w - ether proto 0x88cc',
    );
    expect(lldpFrame.maxOutputBytes).toBe(4096);
  });
});
