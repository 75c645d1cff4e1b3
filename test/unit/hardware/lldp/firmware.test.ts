import { describe, expect, it } from 'vitest';
import type { Log } from '../../../../src/core/index.ts';
import { listenForLldp } from '../../../../src/hardware/index.ts';
import { createFakeClock } from '../../../kit/fake-clock.ts';
import { airOf } from '../../../kit/lldp/air.ts';
import { switchUnit } from '../../../kit/lldp/frames.ts';
import { type Entries, memoryFiles } from '../../../kit/memory-files.ts';
import { type RecordedCall, recordedTools } from '../../../kit/recorded-tools.ts';

const card = (driver: string): Entries => ({
  '/sys/class/net/eth0/device': { link: '../../../0000:3b:00.0' },
  '/sys/class/net/eth0/device/driver': { link: `../../../../bus/pci/drivers/${driver}` },
});
const debugFile = '/sys/kernel/debug/i40e/0000:3b:00.0/command';

const flags = (...lines: readonly string[]): RecordedCall => ({
  argv: ['ethtool', '--show-priv-flags', 'eth0'],
  out: ['Private flags for eth0:', 'link-down-on-close    : off', ...lines, ''],
});
const set = (flag: string, value: string, exit = 0): RecordedCall => ({
  argv: ['ethtool', '--set-priv-flags', 'eth0', flag, value],
  exit,
  err: 'netlink error: Operation not permitted',
});

interface Scene {
  readonly entries: Entries;
  readonly calls?: readonly RecordedCall[];
  readonly isOurs?: boolean;
  readonly timeoutMs?: number;
}

async function listen({ entries, calls = [], isOurs = true, timeoutMs = 10_000 }: Scene, stop?: AbortSignal) {
  const clock = createFakeClock({ auto: true });
  const others = recordedTools(calls);
  const files = memoryFiles(entries);
  const warnings: string[] = [];
  const warn = (event: string, fields?: object) => void warnings.push(`${event} ${JSON.stringify(fields)}`);
  const log: Log = { debug: () => undefined, info: () => undefined, warn, error: warn };
  const tools = airOf({ eth0: { afterS: 2, unit: switchUnit } }, clock, others);
  const wish = { nics: ['eth0'], timeoutMs, isOurs };
  const ports = { tools, files, clock, log };
  const ended = await listenForLldp(ports, wish, stop ?? new AbortController().signal).then(
    (heard) => heard.get('eth0')?.length,
    String,
  );
  return { ended, asked: others.asked, unused: others.unused(), poked: files.written, warnings };
}

describe('LLDP agents in the firmware of network cards (inventory.md 1.8)', () => {
  const e810 = [flags('fw-lldp-agent         : on'), set('fw-lldp-agent', 'off'), set('fw-lldp-agent', 'on')];

  it.each<readonly [string, Scene, readonly string[]]>([
    [
      'stops that of an X710, as lasts until its next reset',
      { entries: card('i40e'), calls: [flags('disable-fw-lldp       : off'), set('disable-fw-lldp', 'on')] },
      [],
    ],
    ['stops that of an E810, which keeps it, and starts it again', { entries: card('ice'), calls: e810 }, []],
    [
      'leaves alone what is stopped already',
      { entries: card('ice'), calls: [flags('fw-lldp-agent         : off')] },
      [],
    ],
    ['leaves alone an E810 without the switch', { entries: card('ice'), calls: [flags()] }, []],
    [
      'stops that of an X710 with an old driver as its developers do',
      { entries: { ...card('i40e'), [debugFile]: '' }, calls: [flags()] },
      [`${debugFile}=lldp stop`],
    ],
    ['can do nothing for an X710 with an old driver and no debugfs', { entries: card('i40e'), calls: [flags()] }, []],
    ['asks nothing of other cards', { entries: card('mlx5_core') }, []],
    ['asks nothing on an installed system', { entries: card('ice'), isOurs: false }, []],
  ])('%s', async (_case, scene, poked) => {
    const result = await listen(scene);
    expect(result).toMatchObject({ ended: 12, unused: [], poked, warnings: [] });
  });

  it('touches nothing when it does not listen', async () => {
    expect((await listen({ entries: card('ice'), timeoutMs: 0 })).asked).toEqual([]);
  });

  it('listens all the same when the card refuses, with a warning', async () => {
    const calls = [flags('fw-lldp-agent         : on'), set('fw-lldp-agent', 'off', 95)];
    const { ended, unused, warnings } = await listen({ entries: card('ice'), calls });
    expect({ ended, unused }).toEqual({ ended: 12, unused: [] });
    expect(warnings).toEqual([expect.stringMatching(/^lldp\.firmware\.failed .*eth0.*not permitted/)]);
  });

  it('warns when it cannot be started again', async () => {
    const calls = [...e810.slice(0, 2), set('fw-lldp-agent', 'on', 95)];
    const { ended, warnings } = await listen({ entries: card('ice'), calls });
    expect(ended).toBe(12);
    expect(warnings).toHaveLength(1);
  });

  it('starts it again when the agent is told to end', async () => {
    const { ended, unused } = await listen({ entries: card('ice'), calls: e810 }, AbortSignal.abort(new Error('bye')));
    expect(ended).toBe('Error: bye');
    expect(unused).toEqual([]);
  });
});
