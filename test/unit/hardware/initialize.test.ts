import { describe, expect, it } from 'vitest';
import { type Log, silentLog } from '../../../src/core/index.ts';
import { initializeHardware } from '../../../src/hardware/index.ts';
import { createFakeClock } from '../../kit/fake-clock.ts';
import { type Entries, memoryFiles } from '../../kit/memory-files.ts';
import { type RecordedCall, recordedTools } from '../../kit/recorded-tools.ts';

const call = (line: string, more: Partial<RecordedCall> = {}): RecordedCall => ({ argv: line.split(' '), ...more });
const fails: Partial<RecordedCall> = { exit: 1 };
const usual = [
  call('mdadm --assemble --scan --verbose', fails),
  ...['ipmi_msghandler', 'ipmi_devintf', 'ipmi_si'].map((name) => call(`modprobe --quiet ${name}`, fails)),
];
const settle = call('udevadm settle --timeout=30');
const load = call('modprobe --quiet dm_multipath');
const FC: Entries = { '/sys/class/fc_host/host1/port_name': '0x500507680b2155f1' };
/** A listing of disks with these WWNs. */
const disksOf = (...wwns: readonly (string | null)[]) =>
  call('lsblk -bia --json -oKNAME,MODEL,SIZE,ROTA,TYPE,UUID,PARTUUID,SERIAL,WWN,LOG-SEC,PHY-SEC,TRAN', {
    out: JSON.stringify({
      blockdevices: wwns.map((wwn, at) => ({
        ...{ kname: `sd${'abc'[at]}`, type: 'disk', size: 480103981056, model: null, rota: true, uuid: null },
        ...{ partuuid: null, serial: null, wwn, 'log-sec': 512, 'phy-sec': 512, tran: null },
      })),
    }),
  });

async function initialized(calls: readonly RecordedCall[], entries: Entries = {}) {
  const logged: unknown[] = [];
  const note = (event: string, fields: object = {}) => {
    if (event.startsWith('hardware.multipath')) logged.push([event, fields]);
  };
  const log: Log = { ...silentLog, info: note, warn: note };
  const tools = recordedTools(calls);
  await initializeHardware({ tools, files: memoryFiles(entries), clock: createFakeClock(), log });
  expect(tools.unused()).toEqual([]);
  return { asked: tools.asked, logged };
}

describe('initialization of the hardware (inventory 1.5)', () => {
  it('logs in to disks of the firmware, starts arrays, BMC and multipath, in this order', async () => {
    const calls = [
      call('iscsistart -f', { out: 'iqn.2026-01.example:boot' }),
      call('iscsistart -b'),
      ...usual,
      settle,
      disksOf('0x6000c500aabbcc99', '0x6000c500aabbcc98', '0x6000c500aabbcc99'),
      load,
      call('systemctl start multipathd.service'),
      call('multipath -ll', {
        out: [
          'mpatha (36000c500aabbcc99) dm-0 LIO-ORG,root',
          'size=10G features=0 hwhandler=1 alua wp=rw',
          '`-+- policy=service-time 0 prio=50 status=active',
          '  `- 2:0:0:0 sda 8:0 active ready running',
          '36000c500aabbcc98 dm-1 LIO-ORG,data',
        ],
      }),
      settle,
    ];
    const { asked, logged } = await initialized(calls);
    expect(asked).toEqual(calls.map(({ argv }) => argv.join(' ')));
    expect(logged).toEqual([['hardware.multipath', { maps: 2 }]]);
  });

  it('leaves multipath alone where no disk is seen twice', async () => {
    for (const listing of [disksOf('0x6000c500aabbcc99', '0x6000c500aabbcc98', null, null), { ...disksOf(), ...fails }])
      expect((await initialized([call('iscsistart -f', fails), ...usual, settle, listing])).logged).toEqual([]);
  });

  it('starts the daemon itself where there is no unit for it', async () => {
    const calls = [
      call('iscsistart -f', fails),
      ...usual,
      settle,
      load,
      call('systemctl start multipathd.service', { exit: 5 }),
      call('multipathd'),
      call('multipath -ll'),
      settle,
    ];
    expect((await initialized(calls, FC)).logged).toEqual([['hardware.multipath', { maps: 0 }]]);
  });

  it('goes on without multipath, and says so', async () => {
    const calls = [
      call('iscsistart -f', fails),
      ...usual,
      settle,
      load,
      ...['systemctl start multipathd.service', 'multipathd', 'multipath -ll'].map((line) => call(line, fails)),
      settle,
    ];
    expect((await initialized(calls, FC)).logged).toEqual([
      ['hardware.multipath.absent', { reason: expect.any(String), next: 'each path counts as a disk of its own' }],
    ]);
  });

  it('makes network interfaces of InfiniBand ports', async () => {
    const calls = [call('iscsistart -f', fails), ...usual, call('modprobe --quiet ib_ipoib'), settle, disksOf()];
    await initialized(calls, { '/sys/class/infiniband/mlx5_0/node_guid': '7cfe:9003:0029:2652' });
  });

  it('has Red Hat configure it once', async () => {
    const rest = [call('systemctl start multipathd.service'), call('multipath -ll'), settle];
    const first = [call('iscsistart -f', fails), ...usual, settle, load];
    const enable = call('mpathconf --enable --find_multipaths yes --with_module y --with_multipathd y');
    await initialized([...first, enable, ...rest], { ...FC, '/usr/sbin/mpathconf': '' });
    await initialized([...first, ...rest], { ...FC, '/usr/sbin/mpathconf': '', '/etc/multipath.conf': '' });
  });
});
