import { describe, expect, it } from 'vitest';
import type { Log } from '../../../../src/core/index.ts';
import { createVlans, planVlans } from '../../../../src/hardware/index.ts';
import { memoryFiles } from '../../../kit/memory-files.ts';
import { type RecordedCall, recordedTools } from '../../../kit/recorded-tools.ts';

const nics = [
  { name: 'eth0', mac: '52:54:00:00:00:01' },
  { name: 'eth0.7', mac: '52:54:00:00:00:01' },
  { name: 'enp129s0f1np1', mac: '52:54:00:00:00:02' },
];
const noLldp = 'the VLANs of a port by LLDP are not in this release; name them, as in';

describe('the VLAN interfaces asked for (inventory.md 2.5)', () => {
  it.each<readonly [string, readonly string[], readonly string[]]>([
    ['', [], []],
    ['eth0.100', ['eth0.100 on eth0 id 100'], []],
    ['52:54:00:00:00:01.100', ['eth0.100 on eth0 id 100'], []],
    ['52:54:00:00:00:01.100,eth0.100,eth0.0100', ['eth0.100 on eth0 id 100'], []],
    ['52:54:00:00:00:01.7', [], []],
    ['eth0.7', [], []],
    ['eth0.7.8', ['eth0.7.8 on eth0.7 id 8'], []],
    ['eth0.1,eth0.4094', ['eth0.1 on eth0 id 1', 'eth0.4094 on eth0 id 4094'], []],
    ['eth0.0', [], ['eth0.0: a VLAN id is a number from 1 to 4094']],
    ['eth0.4095', [], ['eth0.4095: a VLAN id is a number from 1 to 4094']],
    ['eth9.5', [], ['eth9.5: there is no interface eth9']],
    ['52:54:00:00:00:99.5', [], ['52:54:00:00:00:99.5: there is no interface 52:54:00:00:00:99']],
    ['eth9', [], ['eth9: there is no interface eth9']],
    ['eth0', [], [`eth0: ${noLldp} eth0.100`]],
    ['all', [], [`all: ${noLldp} eth0.100`]],
    [
      'enp129s0f1np1.10',
      [],
      ['enp129s0f1np1.10: enp129s0f1np1.10 has more than 15 characters; boot with net.ifnames=0 for short names'],
    ],
  ])('%s', (items, created, problems) => {
    const plan = planVlans(items === '' ? [] : items.split(','), nics);
    expect(plan.create.map(({ nic, name, id }) => `${name} on ${nic} id ${id}`)).toEqual(created);
    expect(plan.problems).toEqual(problems);
  });

  it('say what to write on a machine without any interface', () => {
    expect(planVlans(['all'], []).problems).toEqual([`all: ${noLldp} eth0.100`]);
  });
});

describe('creating them', () => {
  const listing: readonly RecordedCall[] = [
    {
      argv: ['ip', '-j', '-d', 'addr'],
      out: JSON.stringify([{ ifname: 'eth0', address: '52:54:00:00:00:01', addr_info: [] }]),
    },
    { argv: ['ethtool', 'eth0'], exit: 75 },
  ];
  const add = (id: number, exit = 0): RecordedCall => ({
    argv: ['ip', 'link', 'add', 'link', 'eth0', 'name', `eth0.${id}`, 'type', 'vlan', 'id', String(id)],
    exit,
    err: 'RTNETLINK answers: File exists',
  });
  const up = (id: number): readonly RecordedCall[] => [
    { argv: ['ip', 'link', 'set', 'dev', 'eth0', 'up'] },
    { argv: ['ip', 'link', 'set', 'dev', `eth0.${id}`, 'up'] },
  ];

  async function create(calls: readonly RecordedCall[], items: readonly string[], present: readonly string[] = []) {
    const events: string[] = [];
    const note = (event: string, fields?: object) => void events.push(`${event} ${JSON.stringify(fields)}`);
    const log: Log = { debug: () => undefined, info: note, warn: note, error: note };
    const tools = recordedTools(calls);
    const folders = ['eth0/device', ...present].map((name) => [`/sys/class/net/${name}`, { kind: 'dir' as const }]);
    const files = memoryFiles(Object.fromEntries(folders));
    await createVlans({ tools, files, log }, items, new AbortController().signal);
    return { events, unused: tools.unused() };
  }

  it('asks the machine nothing when none is wanted', async () => {
    expect(await create([], [])).toEqual({ events: [], unused: [] });
  });

  it('makes each one and sets it up, its port first', async () => {
    const { events, unused } = await create([...listing, add(5), ...up(5), add(6), ...up(6)], ['eth0.5', 'eth0.6']);
    expect(unused).toEqual([]);
    expect(events).toEqual([
      'vlan.created {"nic":"eth0","name":"eth0.5","id":5}',
      'vlan.created {"nic":"eth0","name":"eth0.6","id":6}',
    ]);
  });

  it('warns of one that fails and goes on', async () => {
    const { events, unused } = await create([...listing, add(5, 2), add(6), ...up(6)], ['eth0.5', 'all', 'eth0.6']);
    expect(unused).toEqual([]);
    expect(events.map((event) => event.split(' ')[0])).toEqual(['vlan.refused', 'vlan.failed', 'vlan.created']);
    expect(events[1]).toContain('File exists');
  });

  it('uses one that appeared meanwhile', async () => {
    // Without an address it is in no list of interfaces.
    const late = { argv: ['ethtool', 'eth0.5'], exit: 75 };
    const { events } = await create([...listing, late, add(5, 2), ...up(5)], ['eth0.5'], ['eth0.5/flags']);
    expect(events).toEqual(['vlan.created {"nic":"eth0","name":"eth0.5","id":5}']);
  });
});
