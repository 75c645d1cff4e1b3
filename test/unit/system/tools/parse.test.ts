import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ddZero,
  ethtoolSpeed,
  fuserPids,
  ipmitoolLan,
  ipmitoolLan6,
  lsblkList,
  parseUdevRecord,
  partxTypes,
  poweroff,
  type Tool,
  wipefsAll,
  wipefsList,
} from '../../../../src/system/index.ts';

const parsed = <I, O>(tool: Tool<I, O>, input: I, stdout: string, stderr = ''): O =>
  tool.parse({ exitCode: 0, stdout, stderr, bytes: Buffer.from(stdout) }, input);
const device = '/dev/sda';

describe('tools read what programs print', () => {
  it('wipefs: several signatures, none, no output at all', () => {
    const out = '{"signatures":[{"device":"sda","offset":"0x218","type":"LVM2_member","uuid":"u","label":null}]}';
    expect(parsed(wipefsList, { device }, out)).toEqual([{ type: 'LVM2_member', offset: '0x218', label: null }]);
    expect(parsed(wipefsList, { device }, '{"signatures":[\n\n]}\n')).toEqual([]);
    expect(parsed(wipefsList, { device }, '')).toEqual([]);
  });

  it('wipefs never forces', () => {
    expect(wipefsAll.argv({ device })).toEqual(['--lock=yes', '--all', device]);
    expect(wipefsAll.effect).toBe('destroys');
  });

  it('partx: MBR and GPT types in lower case', () => {
    const out = '1 0xfb\n2 37AFFC90-EF7D-4E96-91C3-2D7AE055B174\n';
    expect(parsed(partxTypes, { device }, out)).toEqual([
      { number: 1, type: '0xfb' },
      { number: 2, type: '37affc90-ef7d-4e96-91c3-2d7ae055b174' },
    ]);
    expect(parsed(partxTypes, { device }, '')).toEqual([]);
  });

  it('fuser: process ids only', () => {
    expect(parsed(fuserPids, { device }, '  101  2222\n', '/dev/sda:            m')).toEqual([101, 2222]);
    expect(parsed(fuserPids, { device }, '')).toEqual([]);
  });

  it('ethtool: the fastest of several lines of modes, not the advertised ones', () => {
    const out = (modes: string) =>
      `Settings for eth0:\n\tSupported ports: [ FIBRE ]\n\tSupported link modes:   ${modes}\n\tSupported pause frame use: No\n\tAdvertised link modes:  400000baseCR4/Full\n\tSpeed: 10Mb/s\n`;
    const lines =
      '1000baseT/Full\n\t                        200000baseCR4/Full\n\t                        10000baseT/Full';
    expect(parsed(ethtoolSpeed, { nic: 'eth0' }, out(lines))).toBe(200_000);
    expect(parsed(ethtoolSpeed, { nic: 'eth0' }, out('Not reported'))).toBeNull();
  });

  it('ipmitool: values with colons, continued lines, several address slots', () => {
    const lan = parsed(
      ipmitoolLan,
      { channel: 1 },
      'Auth Type Enable        : Callback : MD5\n                        : User     : MD5\nMAC Address             : 3c:ec:ef:10:20:3f\n',
    );
    expect(lan.get('MAC Address')).toBe('3c:ec:ef:10:20:3f');
    const slots = parsed(
      ipmitoolLan6,
      { channel: 1, what: 'dynamic_addr' },
      'IPv6 Dynamic Address 0:\n    Source/Type:    SLAAC\n    Address:        2001:db8::1/64\nIPv6 Dynamic Address 1:\n    Address:        ::/0\n',
    );
    expect(slots.map((slot) => slot.get('Address'))).toEqual(['2001:db8::1/64', '::/0']);
  });

  it('lsblk: refuses output of another shape', () => {
    expect(() => parsed(lsblkList, undefined, '{"blockdevices":[{"type":"disk"}]}')).toThrow(/kname/);
    expect(() => parsed(lsblkList, undefined, 'no json')).toThrow();
  });

  it('poweroff: knows when init ignores it', () => {
    expect(parsed(poweroff, undefined, '')).toBe(true);
    expect(parsed(poweroff, undefined, '', 'Running in chroot, ignoring request: poweroff')).toBe(false);
  });

  it('dd writes exactly the range, past the cache, without making files', () => {
    expect(ddZero.argv({ device, offset: 512, length: 1024 }).join(' ')).toBe(
      'if=/dev/zero of=/dev/sda bs=64K count=1024 iflag=count_bytes,fullblock seek=512 oflag=direct,seek_bytes conv=notrunc,nocreat,fsync',
    );
  });
});

describe('udev records', () => {
  it('keeps links and properties, values with equal signs too', () => {
    const record = parseUdevRecord('S:disk/by-id/x\nI:123\nE:A=b=c\nE:EMPTY=\nG:systemd\nE:broken\nV:1\n');
    expect(record.links).toEqual(['disk/by-id/x']);
    expect([...record.properties]).toEqual([
      ['A', 'b=c'],
      ['EMPTY', ''],
    ]);
  });
  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseUdevRecord(text)));
  });
});
