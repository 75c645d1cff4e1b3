import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../../src/core/index.ts';
import { identityOf, listNics } from '../../../../src/hardware/index.ts';
import { memoryFiles } from '../../../kit/memory-files.ts';
import { recordedTools } from '../../../kit/recorded-tools.ts';

const GID = '00:00:10:49:fe:80:00:00:00:00:00:00';
const PREFIX = 'ff:00:00:00:00:00:02:00:00:02:c9:00';

describe('check 9: the MAC and the DHCP client id of a hardware address (inventory 2.5)', () => {
  it.each<readonly [string, string, string | null, string, string | null]>([
    [
      'a port of Mellanox',
      `${GID}:7c:fe:90:03:00:29:26:52`,
      '0x15b3',
      '7c:fe:90:29:26:52',
      `${PREFIX}:7c:fe:90:03:00:29:26:52`,
    ],
    [
      'another one',
      `80:00:02:08:fe:80:00:00:00:00:00:00:e4:1d:2d:03:00:a1:b2:c4`,
      '0x15b3',
      'e4:1d:2d:a1:b2:c4',
      `${PREFIX}:e4:1d:2d:03:00:a1:b2:c4`,
    ],
    ['an Ethernet card of Mellanox', 'b8:ce:f6:10:20:30', '0x15b3', 'b8:ce:f6:10:20:30', null],
    ['a port of another vendor', `${GID}:00:11:75:01:01:67:12:34`, '0x8086', `${GID}:00:11:75:01:01:67:12:34`, null],
    ['a port of no known vendor', `${GID}:7c:fe:90:03:00:29:26:52`, null, `${GID}:7c:fe:90:03:00:29:26:52`, null],
  ])('%s', (_name, address, vendor, mac, clientId) => {
    expect(identityOf(address, vendor)).toEqual({ mac, clientId });
  });

  const NO_GUID = `${GID}:00:00:00:00:00:00:00:00`;
  it.each<readonly [string, string, readonly string[]]>([
    ['the current GUID when there is no permanent one', `${GID}:7c:fe:90:03:00:29:26:52`, ['7c:fe:90:29:26:52']],
    ['nothing when there is none at all', NO_GUID, []],
  ])('takes %s', async (_name, address, macs) => {
    const out = JSON.stringify([{ ifname: 'ib0', address, permaddr: NO_GUID, addr_info: [] }]);
    const ports = {
      tools: recordedTools([{ argv: ['ip', '-j', '-d', 'addr'], out }]),
      files: memoryFiles({ '/sys/class/net/ib0/device/vendor': '0x15b3\n' }),
      log: silentLog,
    };
    expect((await listNics(ports)).map(({ mac }) => mac)).toEqual(macs);
  });
});
