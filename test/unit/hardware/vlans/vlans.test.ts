import { describe, expect, it } from 'vitest';
import type { Log } from '../../../../src/core/index.ts';
import { createVlans, type LldpHeard, parseTlvs, planVlans, type VlanWish } from '../../../../src/hardware/index.ts';
import { announcingPorts, type NicName } from '../../../../src/hardware/vlans/plan.ts';
import { END, start, vlanName } from '../../../kit/lldp/frames.ts';
import { memoryFiles } from '../../../kit/memory-files.ts';
import { type RecordedCall, recordedTools } from '../../../kit/recorded-tools.ts';

const nics = [
  { name: 'eth0', mac: '52:54:00:00:00:01' },
  { name: 'eth0.7', mac: '52:54:00:00:00:01' },
  { name: 'enp129s0f1np1', mac: '52:54:00:00:00:02' },
];
const noLldp = 'VLANs by LLDP need collect_lldp (ipa-collect-lldp=1); or name them, as in';

function planned(items: string, machine: readonly NicName[], heard: LldpHeard | null) {
  const plan = planVlans(items === '' ? [] : items.split(','), machine, heard);
  return { created: plan.create.map((vlan) => `${vlan.name} on ${vlan.nic} id ${vlan.id}`), problems: plan.problems };
}

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
    ['eth0.0', [], ['eth0.0: a VLAN id is a number from 1 to 4094, not 0']],
    ['eth0.4095', [], ['eth0.4095: a VLAN id is a number from 1 to 4094, not 4095']],
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
    expect(planned(items, nics, null)).toEqual({ created, problems });
  });
});

describe('the VLAN interfaces that switches announce (inventory.md 2.5)', () => {
  const vlans = (...ids: readonly number[]) =>
    parseTlvs(Buffer.from(start('7') + ids.map((id) => vlanName(id, `net${id}`)).join('') + END, 'hex'));
  const heard: LldpHeard = new Map([
    ['eth0', vlans(100, 7, 101)],
    ['eth0.7', []],
    ['eth1', []],
    ['eth2', vlans()],
    ['eth3', vlans(0, 4095, 5)],
    ['enp129s0f1np1', vlans(10, 9)],
  ]);
  const ports = ['eth1', 'eth2', 'eth3', 'eth4'].map((name, at) => ({ name, mac: `52:54:00:00:00:1${at}` }));
  const here = [...nics, ...ports];
  const ofEth0 = ['eth0.100 on eth0 id 100', 'eth0.101 on eth0 id 101'];
  const id = (item: string, wrong: number) => `${item}: a VLAN id is a number from 1 to 4094, not ${wrong}`;

  it.each<readonly [string, readonly string[], readonly string[]]>([
    ['eth0', ofEth0, []],
    ['52:54:00:00:00:01', ofEth0, []],
    ['eth0,eth0.9,eth0', [...ofEth0, 'eth0.9 on eth0 id 9'], []],
    ['eth1', [], ['eth1: eth1 heard no LLDP frame within lldp_timeout']],
    ['eth2', [], ['eth2: the switch announces no VLAN by name on eth2']],
    ['eth3', ['eth3.5 on eth3 id 5'], [id('eth3', 0), id('eth3', 4095)]],
    ['eth4', [], ['eth4: nothing can be received on eth4']],
    ['eth5', [], ['eth5: there is no interface eth5']],
    [
      'all',
      [...ofEth0, 'enp129s0f1np1.9 on enp129s0f1np1 id 9', 'eth3.5 on eth3 id 5'],
      [
        'all: enp129s0f1np1.10 has more than 15 characters; boot with net.ifnames=0 for short names',
        id('all', 0),
        id('all', 4095),
      ],
    ],
  ])('%s', (items, created, problems) => {
    expect(planned(items, here, heard)).toEqual({ created, problems });
  });

  it.each<readonly [string, readonly NicName[], string]>([
    [
      'no switch announces one',
      ports.slice(0, 2),
      'all: eth1 heard no LLDP frame within lldp_timeout; the switch announces no VLAN by name on eth2',
    ],
    ['there is no interface', [], 'all: there is no interface'],
  ])('all, where %s', (_case, machine, problem) => {
    expect(planned('all', machine, heard)).toEqual({ created: [], problems: [problem] });
  });

  it.each<readonly [string, readonly string[]]>([
    ['eth0.5', []],
    ['eth0,eth0.5,52:54:00:00:00:01,eth9', ['eth0']],
    ['all', ['eth0', 'enp129s0f1np1', 'eth1', 'eth2', 'eth3', 'eth4']],
  ])('%s needs to be listened for on these ports only', (items, expected) => {
    expect(announcingPorts(items.split(','), here)).toEqual(expected);
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

  interface More {
    /** Entries of /sys/class/net beside eth0. */
    readonly present?: readonly string[];
    readonly listen?: VlanWish['listen'];
  }
  async function create(
    calls: readonly RecordedCall[],
    items: readonly string[],
    { present = [], listen = null }: More = {},
  ) {
    const events: string[] = [];
    const note = (event: string, fields?: object) => void events.push(`${event} ${JSON.stringify(fields)}`);
    const log: Log = { debug: () => undefined, info: note, warn: note, error: note };
    const tools = recordedTools(calls);
    const folders = ['eth0/device', ...present].map((name) => [`/sys/class/net/${name}`, { kind: 'dir' as const }]);
    const files = memoryFiles(Object.fromEntries(folders));
    const heard = await createVlans({ tools, files, log }, { items, listen }, new AbortController().signal);
    return { events, unused: tools.unused(), heard };
  }

  it('asks the machine nothing when none is wanted', async () => {
    expect(await create([], [])).toEqual({ events: [], unused: [], heard: null });
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
    const { events } = await create([...listing, late, add(5, 2), ...up(5)], ['eth0.5'], {
      present: ['eth0.5/flags'],
    });
    expect(events).toEqual(['vlan.created {"nic":"eth0","name":"eth0.5","id":5}']);
  });

  const upPort: RecordedCall = { argv: ['ip', 'link', 'set', 'dev', 'eth0', 'up'] };
  const listenOn =
    (asked: string[][], tlvs: LldpHeard) =>
    async (ports: readonly string[]): Promise<LldpHeard> => {
      asked.push([...ports]);
      return tlvs;
    };

  it('sets the port up, listens there, makes what the switch names, and tells what it heard', async () => {
    const heard: LldpHeard = new Map([['eth0', parseTlvs(Buffer.from(vlanName(5, 'five') + END, 'hex'))]]);
    const asked: string[][] = [];
    const result = await create([...listing, upPort, add(5), ...up(5)], ['all', 'eth0'], {
      listen: listenOn(asked, heard),
    });
    expect(asked).toEqual([['eth0']]);
    expect(result.unused).toEqual([]);
    expect(result.events).toEqual(['vlan.created {"nic":"eth0","name":"eth0.5","id":5}']);
    expect(result.heard).toBe(heard);
  });

  it('does not listen for VLANs that have their number', async () => {
    const asked: string[][] = [];
    const { heard } = await create([...listing, add(5), ...up(5)], ['eth0.5'], { listen: listenOn(asked, new Map()) });
    expect(asked).toEqual([]);
    expect(heard).toBeNull();
  });

  it('listens all the same on a port that cannot be set up', async () => {
    const broken = { ...upPort, exit: 2, err: 'RTNETLINK answers: Operation not permitted' };
    const { events } = await create([...listing, broken], ['eth0'], { listen: listenOn([], new Map()) });
    expect(events[0]).toMatch(/^vlan\.port\.down .*eth0.*not permitted/);
    expect(events[1]).toContain('eth0: nothing can be received on eth0');
  });
});
