import { afterEach, describe, expect, it } from 'vitest';
import { createApi, LookupFailed, lookup } from '../../src/ironic/index.ts';
import { apiSettings, ironicKit, lookupSettings as settings } from '../kit/ironic-ports.ts';
import {
  deadUrl,
  fault,
  lookupDocument,
  NODE_UUID,
  type ScriptedConductor,
  startConductor,
  TOKEN,
} from '../kit/scripted-conductor.ts';

const open: ScriptedConductor[] = [];
const conductor = async (...args: Parameters<typeof startConductor>) => {
  const one = await startConductor(...args);
  open.push(one);
  return one;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const { signal } = new AbortController();
const ok = { status: 200, json: lookupDocument() };

describe('lookup (check 20)', () => {
  it('sends all MACs in one parameter, in order, with the version header of lookup', async () => {
    const server = await conductor({ version: '1.115' });
    const { ports } = ironicKit({ auto: true });
    const found = await lookup(ports, createApi(ports, apiSettings([server.url])), settings, signal);
    expect(found).toMatchObject({ node: { uuid: NODE_UUID }, token: { kind: 'new', value: TOKEN } });
    const [request] = server.seen('lookup');
    expect([...(request?.query.entries() ?? [])]).toEqual([['addresses', '52:54:00:aa:bb:01,52:54:00:aa:bb:02']]);
    expect(request?.headers['x-openstack-ironic-api-version']).toBe('1.62');
  });

  it('adds the UUID that inspection returned', async () => {
    const server = await conductor();
    const { ports } = ironicKit({ auto: true });
    const api = createApi(ports, apiSettings([server.url]));
    await lookup(ports, api, { ...settings, nodeUuid: NODE_UUID }, signal);
    expect(server.seen('lookup')[0]?.query.get('node_uuid')).toBe(NODE_UUID);
  });

  it('tries again with growing pauses whatever comes back, and says why in words of operators', async () => {
    const server = await conductor();
    server.script(
      'lookup',
      fault(404, 'Node could not be found.'),
      { status: 200, text: 'not json' },
      { status: 200, json: { node: {} } },
      { status: 500, text: 'oops' },
      'cut',
      'cut', // the first one was on a kept connection, which is tried once more at once
      { status: 403 },
      ok,
    );
    const { ports, clock, lines } = ironicKit({ auto: true, random: 1 });
    const found = await lookup(ports, createApi(ports, apiSettings([server.url])), settings, signal);
    expect(found.node.uuid).toBe(NODE_UUID);
    expect(clock.sleeps).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000]);
    const text = lines.join('');
    expect(text).toContain('52:54:00:aa:bb:01');
    expect(text).toContain('waits for its ramdisk');
    expect(text).toContain('connection cut');
  });

  it('does not go on without a token while the version is only guessed: a proxy answers for the root', async () => {
    const server = await conductor({ version: '1.96' });
    const page = { status: 404, text: 'default backend - 404' };
    server.script('root', page, page, { status: 200, json: { default_version: { version: '1.96' } } });
    // Below 1.62 Ironic makes no token.
    const without = { status: 200, json: lookupDocument({ agent_token: null }) };
    server.script('lookup', without, without, ok);
    const { ports, lines } = ironicKit({ auto: true });
    const found = await lookup(ports, createApi(ports, apiSettings([server.url])), settings, signal);
    expect(found.token).toEqual({ kind: 'new', value: TOKEN });
    const versions = server.seen('lookup').map(({ headers }) => headers['x-openstack-ironic-api-version']);
    expect(versions).toEqual(['1.31', '1.31', '1.62']);
    expect(lines.join('')).toContain('the API root named no version');
  });

  it.each([
    ['the agent has one', { knownToken: TOKEN }, null, 'kept'],
    ['the conductor is known to have none', {}, '1.58', 'none'],
  ])('goes on without a token when %s', async (_case, more, version, kind) => {
    const server = await conductor();
    server.script('root', { status: 404 });
    server.script('lookup', { status: 200, json: lookupDocument({ agent_token: null }) });
    const { ports } = ironicKit({ auto: true });
    const api = createApi(ports, apiSettings([server.url], { version }));
    const found = await lookup(ports, api, { ...settings, ...more }, signal);
    expect(found.token.kind).toBe(kind);
  });

  it('pauses 5, 10 and 30 seconds more while the node is locked', async () => {
    const server = await conductor();
    server.script('lookup', ...Array.from({ length: 4 }, () => fault(409, 'Node is locked')), ok);
    const { ports, clock } = ironicKit({ auto: true, random: 1 });
    await lookup(ports, createApi(ports, apiSettings([server.url])), settings, signal);
    expect(clock.sleeps).toEqual([6000, 12_000, 34_000, 38_000]);
  });

  it('gives up when the time is over, after one last attempt, with the last reason', async () => {
    const server = await conductor();
    server.script('lookup', fault(404, 'Node could not be found.'));
    const { ports, clock } = ironicKit({ auto: true, random: 1 });
    const running = lookup(ports, createApi(ports, apiSettings([server.url])), settings, signal);
    await expect(running).rejects.toThrow(/after 600 s, the last was: 404: Node could not be found/);
    await expect(running).rejects.toSatisfy(LookupFailed.is);
    expect(clock.elapsed()).toBe(600_000);
  });

  it('tries once with a timeout of zero', async () => {
    const server = await conductor();
    server.script('lookup', { status: 404 });
    const { ports } = ironicKit({ auto: true });
    const api = createApi(ports, apiSettings([server.url]));
    await expect(lookup(ports, api, { ...settings, timeoutMs: 0 }, signal)).rejects.toThrow('404');
    expect(server.seen('lookup')).toHaveLength(1);
  });

  it('tells a masked token without an own one apart, and keeps an own one', async () => {
    const server = await conductor();
    server.script('lookup', { status: 200, json: lookupDocument({ agent_token: '******' }) });
    const { ports, lines } = ironicKit({ auto: true });
    const api = createApi(ports, apiSettings([server.url]));
    expect((await lookup(ports, api, settings, signal)).token).toEqual({ kind: 'masked-unknown', value: null });
    expect(lines.join('')).toContain('lookup.token.masked');
    const own = await lookup(ports, api, { ...settings, knownToken: 'own-'.repeat(10) }, signal);
    expect(own.token).toEqual({ kind: 'kept', value: 'own-'.repeat(10) });
  });

  it('waits for a conductor that is absent at boot and finds it when it appears', async () => {
    const url = await deadUrl();
    const { ports, clock, lines } = ironicKit();
    const running = lookup(ports, createApi(ports, apiSettings([url])), settings, signal);
    for (let round = 0; round < 5; round += 1) {
      await clock.asleep();
      await clock.advance(clock.sleeps.at(-1) ?? 0);
    }
    await clock.asleep();
    expect(lines.filter((line) => line.includes('lookup.retry'))).toHaveLength(6);
    expect(lines.join('')).toContain('connection refused');
    const server = await conductor({ port: Number(new URL(url).port) });
    await clock.advance(60_000);
    expect((await running).node.uuid).toBe(NODE_UUID);
    expect(server.seen('lookup')).toHaveLength(1);
  });

  it('stops while it pauses when aborted', async () => {
    const server = await conductor();
    server.script('lookup', { status: 404 });
    const { ports, clock } = ironicKit();
    const stop = new AbortController();
    const running = lookup(ports, createApi(ports, apiSettings([server.url])), settings, stop.signal);
    await clock.asleep();
    stop.abort(new Error('shutting down'));
    await expect(running).rejects.toThrow('shutting down');
  });

  it('never writes the token to the log', async () => {
    const server = await conductor();
    server.script('lookup', { status: 404, json: { echo: 'nothing' } }, ok);
    const { ports, lines } = ironicKit({ auto: true });
    await lookup(ports, createApi(ports, apiSettings([server.url])), settings, signal);
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.join('')).not.toContain(TOKEN);
  });
});
