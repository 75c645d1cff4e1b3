import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { announcedVlans, parseTlvs } from '../../../../src/hardware/index.ts';
import { isDigestible } from '../../../../src/hardware/lldp/digestible.ts';
import { END, start, switchTlvs, switchUnit, text, tlv, vlanName } from '../../../kit/lldp/frames.ts';

const parse = (hex: string) => parseTlvs(Buffer.from(hex, 'hex'));

describe('the elements of an LLDP data unit (inventory.md 5.1)', () => {
  it.each<readonly [string, string, readonly (readonly [number, string])[]]>([
    ['of a switch, with the End', switchUnit, switchTlvs.map(([type, value]) => [Number(type), String(value)])],
    ['empty', '', []],
    ['an End alone', END, [[0, '']]],
    [
      'elements behind the End, and the padding of a short frame',
      `${tlv(3, '0078')}${END}${tlv(5, '61')}00000000`,
      [
        [3, '0078'],
        [0, ''],
        [5, '61'],
        [0, ''],
        [0, ''],
      ],
    ],
    ['a lone octet', `${tlv(3, '0078')}02`, [[3, '0078']]],
    ['nothing but a lone octet', '02', []],
    ['a length that goes beyond the frame', `${tlv(5, text('sw'), 511)}`, [[5, text('sw')]]],
    ['a length without any value', tlv(5, '', 4), [[5, '']]],
    [
      'a length that is too short: what follows is read as it stands',
      tlv(5, '6162'.padEnd(8, '0'), 2),
      [
        [5, '6162'],
        [0, ''],
      ],
    ],
    ['the largest type and length', tlv(127, 'ff'.repeat(511)), [[127, 'ff'.repeat(511)]]],
    ['type 1 with a length of more than 255', tlv(1, '07'.repeat(300)), [[1, '07'.repeat(300)]]],
  ])('%s', (_case, hex, expected) => {
    expect(parse(hex)).toEqual(expected);
  });

  it('come back to the same octets, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1600 }), (bytes) => {
        const tlvs = parseTlvs(bytes);
        const whole = tlvs.map(([type, value]) => tlv(type, value).slice(4)).join('');
        expect(tlvs.every(([type, value]) => type >= 0 && type <= 127 && /^([0-9a-f]{2})*$/.test(value))).toBe(true);
        const octets = tlvs.length * 2 + whole.length / 2;
        expect(bytes.byteLength - octets).toBeGreaterThanOrEqual(0);
        expect(bytes.byteLength - octets).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('read the view they are given, not what lies around it', () => {
    const around = Buffer.from(`ffff${tlv(3, '0078')}ffff`, 'hex');
    expect(parseTlvs(around.subarray(2, 6))).toEqual([[3, '0078']]);
  });
});

describe('the VLANs that a switch announces', () => {
  it.each<readonly [string, string, readonly number[]]>([
    ['of the recorded switch', switchUnit, [101]],
    ['several, one of them twice', `${vlanName(7, 'a')}${vlanName(4094, 'b')}${vlanName(7, 'a')}`, [7, 4094]],
    [
      'ids that cannot be, as they are',
      `${vlanName(0, 'x')}${vlanName(4095, 'y')}${vlanName(65535, 'z')}`,
      [0, 4095, 65535],
    ],
    ['without a name behind the id', tlv(127, '0080c2030005'), [5]],
    ['cut off in the id', tlv(127, '0080c20300'), []],
    ['the untagged VLAN is no name', tlv(127, '0080c201000a'), []],
    ['of another organisation', tlv(127, '00120f03000a01'), []],
    ['in an element of another type', tlv(126, '0080c203000a0161'), []],
  ])('%s', (_case, hex, ids) => {
    expect(announcedVlans(parse(hex))).toEqual(ids);
  });
});

describe('what the servers can read (inventory.md 6.2)', () => {
  it.each<readonly [boolean, string, readonly [number, string]]>([
    [true, 'a chassis id with a MAC address', [1, '040012aabbcc00']],
    [true, 'a chassis id with a MAC address and more', [1, '040012aabbcc0000']],
    [false, 'a chassis id with half a MAC address', [1, '040012aa']],
    [false, 'an empty chassis id', [1, '']],
    [true, 'a chassis id with a name', [1, `07${text('leaf-ä1')}`]],
    [true, 'a chassis id with an empty name', [1, '07']],
    [false, 'a chassis id with a name in Latin-1', [1, '07e431']],
    [true, 'a chassis id with an IPv4 address', [1, '0501c0000201']],
    [false, 'a chassis id with half an IPv4 address', [1, '0501c000']],
    [true, 'a chassis id with an IPv6 address', [1, `0502${'20'.repeat(16)}`]],
    [false, 'a chassis id with half an IPv6 address', [1, `0502${'20'.repeat(15)}`]],
    [true, 'a chassis id with an address of some family', [1, '0510ff']],
    [false, 'a chassis id with no address', [1, '05']],
    [false, 'a chassis id of unknown kind', [1, '09aa']],
    [false, 'a chassis id of kind 0', [1, '00aa']],
    [true, 'a port id with a name', [2, `05${text('Ethernet1/7')}`]],
    [false, 'a port id that is not UTF-8', [2, '07ff']],
    [true, 'a port id with a MAC address', [2, '030012aabbcc07']],
    [false, 'a port id with half a MAC address', [2, '030012']],
    [false, 'an empty port id', [2, '']],
    [true, 'a port id with an IPv4 address', [2, '0401c0000201']],
    [false, 'a port id of a kind that the servers do not know', [2, '0661']],
    [true, 'a system name', [5, text('leaf-a1')]],
    [true, 'an empty system name', [5, '']],
    [false, 'a system name in Latin-1', [5, '6ce4']],
    [false, 'a description of the system in Latin-1', [6, '6ce4']],
    [false, 'a description of the port in Latin-1', [4, '6ce4']],
    [true, 'a VLAN with a name in Latin-1: its parser says so and goes on', [127, '0080c2030065026ce4']],
    [true, 'an unknown element', [99, 'ff']],
  ])('%s: %s', (expected, _case, one) => {
    expect(isDigestible(one)).toBe(expected);
  });

  it('all of the recorded switch', () => {
    expect(parse(switchUnit).every(isDigestible)).toBe(true);
    expect(parse(start('x')).every(isDigestible)).toBe(true);
  });
});
