import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { createApi, lookup } from '../../../src/ironic/index.ts';
import { startAgent } from '../../kit/agent-process.ts';
import { apiSettings, ironicKit, lookupSettings as settings } from '../../kit/ironic-ports.ts';
import { recordedAgent } from '../../kit/recorded-agent.ts';
import { fault, lookupDocument, NODE_UUID, startConductor, TOKEN } from '../../kit/scripted-conductor.ts';

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const conductorOf = async (...args: Parameters<typeof startConductor>) => {
  const conductor = await startConductor(...args);
  open.push(conductor);
  return conductor;
};

const { signal } = new AbortController();

const main = join(import.meta.dirname, '../../../src/main.ts');
const macsOfThisMachine = (): readonly string[] =>
  JSON.parse(
    execFileSync(process.execPath, [main, 'inventory'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  ).interfaces.map(({ mac_address }: { mac_address: string }) => mac_address);

it('check 20: all MACs of the machine go into one addresses parameter, in inventory order', async () => {
  const conductor = await conductorOf({ version: '1.115' });
  const agent = await startAgent(['--api_url', conductor.url, '--disk_wait_attempts', '0']);
  open.push({ close: () => agent.stop() });
  const { query, headers } = await conductor.nth('lookup', 1);
  expect([...query.entries()]).toEqual([['addresses', macsOfThisMachine().join(',')]]);
  expect(headers['x-openstack-ironic-api-version']).toBe('1.62');
});

it('check 20: 404 is retried with growing random pauses until the time is over', async () => {
  for (const [random, pauses] of [
    [0, [1000, 1000, 1000, 1000]],
    [1, [1000, 2000, 4000, 8000]],
  ] as const) {
    const conductor = await conductorOf();
    const no = fault(404, 'Node could not be found.');
    conductor.script('lookup', no, no, no, no, { status: 200, json: lookupDocument() });
    const { ports, clock } = ironicKit({ auto: true, random });
    expect((await lookup(ports, createApi(ports, apiSettings([conductor.url])), settings, signal)).node.uuid).toBe(
      NODE_UUID,
    );
    expect(clock.sleeps).toEqual(pauses);
  }
});

it('check 20: 409 pauses 5, 10, 30 and 30 s before the usual pause', async () => {
  const conductor = await conductorOf();
  conductor.script('lookup', ...Array.from({ length: 4 }, () => fault(409, 'locked')), {
    status: 200,
    json: lookupDocument(),
  });
  const { ports, clock } = ironicKit({ auto: true, random: 0 });
  await lookup(ports, createApi(ports, apiSettings([conductor.url])), settings, signal);
  expect(clock.sleeps).toEqual([6_000, 11_000, 31_000, 31_000]);
});

it.each([
  ['31 characters', 'x'.repeat(31), null],
  ['a number', 12345, null],
  ['32 characters', 'x'.repeat(32), 'x'.repeat(32)],
])('check 20: a token of %s', async (_case, offered, taken) => {
  const conductor = await conductorOf();
  conductor.script('lookup', { status: 200, json: lookupDocument({ agent_token: offered }) });
  const { ports } = ironicKit({ auto: true });
  const found = await lookup(ports, createApi(ports, apiSettings([conductor.url])), settings, signal);
  expect(found.token.value).toBe(taken);
});

it('check 20: a masked token without an own one: no API, no heartbeat, links down, no exit loop', async () => {
  const conductor = await conductorOf({ version: '1.96' });
  conductor.script('lookup', { status: 200, json: lookupDocument({ agent_token: '******' }) });
  const { agent, served, tools, lines } = recordedAgent(`ipa-api-url=${conductor.url}`);
  const stop = new AbortController();
  let ended = false;
  const done = agent.run(stop.signal).then(() => {
    ended = true;
  });
  await expect.poll(() => agent.hub.snapshot().state, { timeout: 20_000 }).toBe('fatal-token');
  expect(conductor.seen('lookup')).toHaveLength(1);
  expect([served, conductor.seen('heartbeat'), ended]).toEqual([[], [], false]);
  await expect.poll(() => tools.asked).toContain('ip link set dev eth0 down');
  expect(lines.join('')).toContain('lookup.token.masked');
  stop.abort(new Error('end of test'));
  await done;
});

it('check 20: a masked token with an own one: the own one is kept and sent', async () => {
  const own = 'own-token-0123456789-0123456789-abcdef';
  const conductor = await conductorOf({ version: '1.96' });
  conductor.script('lookup', { status: 200, json: lookupDocument({ agent_token: '******' }) });
  const agent = await startAgent(['--api_url', conductor.url, '--disk_wait_attempts', '0', '--agent_token', own]);
  open.push({ close: () => agent.stop() });
  expect(Object((await conductor.nth('heartbeat', 1)).body).agent_token).toBe(own);
  expect(agent.output()).not.toContain(own);
});

it('check 21: of two URLs the first is dead: discovery, lookup and heartbeat go to the second, which then is first', async () => {
  const dead = await conductorOf();
  const alive = await conductorOf({ version: '1.96' });
  for (const route of ['root', 'lookup', 'heartbeat'] as const) dead.script(route, 'cut');
  alive.script('heartbeat', fault(409, 'locked'), { status: 202 });
  const agent = await startAgent([
    '--api_url',
    `${dead.url}/v1,${alive.url}/v1/`,
    '--disk_wait_attempts',
    '0',
    '--debug',
  ]);
  open.push({ close: () => agent.stop() });
  const beat = await alive.nth('heartbeat', 2);
  expect(Object(beat.body).agent_token).toBe(TOKEN);
  expect(alive.seen('root').length).toBeGreaterThan(0);
  expect(alive.seen('lookup')).toHaveLength(1);
  // Discovery and the search for an address met it, nothing after that.
  expect([dead.seen('lookup'), dead.seen('heartbeat')]).toEqual([[], []]);
});
