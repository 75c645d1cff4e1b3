import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../src/config/index.ts';
import { createSecrets, silentLog } from '../../../src/core/index.ts';
import { createAgent, type Serving } from '../../../src/runtime/index.ts';
import {
  createFiles,
  createJsonHttp,
  createMulticastDns,
  createNetProbe,
  recentLines,
} from '../../../src/system/index.ts';
import { recordedMemory } from '../../kit/agent-memory.ts';
import { createFakeClock } from '../../kit/fake-clock.ts';
import { type Entries, memoryFiles } from '../../kit/memory-files.ts';
import { recordedTools } from '../../kit/recorded-tools.ts';

const NIC = {
  '/sys/class/net/eth0/device': { link: '0000:00:02.0' },
  '/sys/class/net/eth0/address': '52:54:00:12:34:56',
  '/sys/class/net/eth0/flags': '0x1003',
};
const LINKS = { argv: ['ip', '-j', '-d', 'addr'], out: '[]' };

/** A whole agent without a conductor, on a machine of which little more than one NIC is known. */
function agentOn(entries: Entries, before: Parameters<typeof recordedMemory>[0] = {}) {
  const tools = recordedTools(Array.from({ length: 9 }, () => LINKS));
  const files = memoryFiles({ ...NIC, ...entries });
  const facts = { ipv6Enabled: true };
  const serving = Promise.withResolvers<Serving>();
  const closed: string[] = [];
  const memory = recordedMemory(before);
  const agent = createAgent({
    resolved: resolveConfig({ files: [], env: {}, flags: [], kernel: '', facts }),
    ports: {
      tools,
      files,
      clock: createFakeClock({ auto: true }),
      log: silentLog,
      http: createJsonHttp(createFiles()),
      multicast: createMulticastDns(silentLog),
    },
    net: createNetProbe(files),
    secrets: createSecrets(),
    version: '12.1.0',
    memory,
    bootif: null,
    proxies: {},
    datagrams: { send: async () => undefined },
    prometheus: null,
    recentLog: recentLines(createSecrets()),
    relieve: () => undefined,
    listen: async (given) => {
      serving.resolve(given);
      return { close: async () => void closed.push('api') };
    },
  });
  return { agent, tools, files, closed, memory, serving: serving.promise };
}

const RESCUE = { name: 'rescue.finalize_rescue', params: { rescue_password: '$5$salt$hash', hashed: true } };
const state = (agent: { hub: { snapshot(): { state: string } } }) => expect.poll(() => agent.hub.snapshot().state);

describe('how an agent ends', () => {
  it('locked: the API closes, links go down, the process stays', async () => {
    const { agent, tools, closed, memory, serving } = agentOn({});
    const stop = new AbortController();
    const done = agent.run(stop.signal);
    const { jobs } = await serving;
    await state(agent).toBe('serving');
    await jobs.submit({ name: 'system.lockdown', params: {} }, { wait: false });
    await state(agent).toBe('locked');
    expect(closed).toEqual(['api']);
    expect(tools.asked).toContain('ip link set dev eth0 down');
    // Safe before the answer, which waits for the history.
    expect(memory.kept.slice(0, 2)).toEqual([
      ['end', { kind: 'locked', why: 'system.lockdown was asked for' }],
      ['commands', [expect.objectContaining({ name: 'system.lockdown', status: 'SUCCEEDED' })]],
    ]);
    stop.abort();
    await done;
  });

  it.each([
    ['locked', true],
    ['fatal-token', true],
    ['rescued', false],
  ] as const)('%s before a restart: so it is afterwards, without API; links down: %s', async (kind, down) => {
    const { agent, tools, memory } = agentOn({}, { end: { kind, why: 'of before' } });
    const stop = new AbortController();
    const done = agent.run(stop.signal);
    await state(agent).toBe(kind);
    await expect.poll(() => tools.asked.includes('ip link set dev eth0 down')).toBe(down);
    expect(agent.hub.snapshot()).toMatchObject({
      lastError: 'of before',
      waitsFor: expect.stringContaining('new boot'),
    });
    expect(memory.kept.filter(([part]) => part !== 'end')).toEqual([]);
    stop.abort();
    await done;
  });

  it('rescued: the API closes, links stay up, the process may go', async () => {
    const { agent, tools, closed, serving } = agentOn({ '/etc/ipa-rescue-config': { kind: 'dir' } });
    const done = agent.run(new AbortController().signal);
    const { jobs } = await serving;
    await state(agent).toBe('serving');
    expect((await jobs.submit(RESCUE, { wait: false })).command_status).toBe('SUCCEEDED');
    await done;
    expect([agent.hub.snapshot().state, closed]).toEqual(['rescued', ['api']]);
    expect(tools.asked.filter((line) => line.startsWith('ip link set'))).toEqual([]);
  });

  it('rescued without a marker: it must stay, or init would start an agent on the network of the tenant', async () => {
    const { agent, files, closed, serving } = agentOn({ '/etc/ipa-rescue-config': { kind: 'dir' } });
    const write = files.write;
    files.write = (path, ...rest) =>
      path === '/etc/.rescued' ? Promise.reject(new Error('EROFS')) : write(path, ...rest);
    const stop = new AbortController();
    const done = agent.run(stop.signal);
    const { jobs } = await serving;
    await state(agent).toBe('serving');
    await jobs.submit(RESCUE, { wait: false });
    await state(agent).toBe('rescued');
    expect(closed).toEqual(['api']);
    expect(await Promise.race([done, new Promise((resolve) => setTimeout(() => resolve('idle'), 50))])).toBe('idle');
    stop.abort();
    await done;
  });
});
