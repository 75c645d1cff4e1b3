import { afterEach, describe, expect, it } from 'vitest';
import { createApi, createHeartbeat, type HeartbeatSettings } from '../../src/ironic/index.ts';
import type { FakeClockOptions } from '../kit/fake-clock.ts';
import { apiSettings, heartbeatSettings, ironicKit } from '../kit/ironic-ports.ts';
import {
  deadUrl,
  fault,
  NODE_UUID,
  type ScriptedConductor,
  type ScriptedReply,
  startConductor,
  TOKEN,
} from '../kit/scripted-conductor.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

const settings: HeartbeatSettings = {
  ...heartbeatSettings,
  certificatePem: '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n',
};

async function beating(options: {
  readonly server: ScriptedConductor;
  readonly urls?: readonly string[];
  readonly settings?: Partial<HeartbeatSettings>;
  readonly clock?: FakeClockOptions;
  readonly replies?: readonly ScriptedReply[];
}) {
  const { server } = options;
  closing.push(() => server.close());
  if (options.replies !== undefined) server.script('heartbeat', ...options.replies);
  const kit = ironicKit(options.clock);
  const api = createApi(kit.ports, apiSettings(options.urls ?? [server.url]));
  const heartbeat = createHeartbeat(kit.ports, api, { ...settings, ...options.settings });
  const stop = new AbortController();
  const running = heartbeat.start(stop.signal);
  closing.push(async () => {
    stop.abort(new Error('end of test'));
    await running;
  });
  await kit.clock.asleep();
  const count = () => server.seen('heartbeat').length;
  /** Moves on and waits until the loop sleeps again. */
  const pass = async (ms: number) => {
    await kit.clock.advance(ms);
    await kit.clock.asleep();
  };
  return { ...kit, heartbeat, running, stop, count, pass, server };
}

const bodyOf = (server: ScriptedConductor, at = 0) => server.seen('heartbeat')[at]?.body;
const versionOf = (server: ScriptedConductor) => server.seen('heartbeat')[0]?.headers['x-openstack-ironic-api-version'];

describe('heartbeat request (check 18)', () => {
  it.each([
    ['1.115', '1.68'],
    ['1.68', '1.68'],
  ])('to a server with %s: version %s and every key', async (server, header) => {
    const { server: conductor } = await beating({ server: await startConductor({ version: server }) });
    expect(versionOf(conductor)).toBe(header);
    expect(conductor.seen('heartbeat')[0]?.path).toBe(`/v1/heartbeat/${NODE_UUID}`);
    expect(bodyOf(conductor)).toEqual({
      callback_url: settings.callbackUrl,
      agent_version: '12.1.0',
      agent_token: TOKEN,
      agent_verify_ca: settings.certificatePem,
    });
  });

  it.each([
    ['1.67', ['callback_url', 'agent_version', 'agent_token']],
    ['1.61', ['callback_url', 'agent_version']],
    ['1.35', ['callback_url']],
  ])('to a server with %s: only the keys it knows', async (version, keys) => {
    const { server } = await beating({ server: await startConductor({ version }) });
    expect(versionOf(server)).toBe(version);
    expect(Object.keys(Object(bodyOf(server)))).toEqual(keys);
  });

  it('tells what the agent does, to servers that know the key and only when asked to (protocol 5.6)', async () => {
    let message: string | null = 'write 41%';
    const more = { statusMessage: () => message };
    const { server, pass } = await beating({ server: await startConductor({ version: '1.115' }), settings: more });
    expect(versionOf(server)).toBe('1.72');
    expect(bodyOf(server)).toMatchObject({ agent_status_message: 'write 41%', agent_token: TOKEN });
    expect(bodyOf(server)).not.toHaveProperty('agent_status');
    message = null;
    await pass(180_000);
    expect(bodyOf(server, 1)).not.toHaveProperty('agent_status_message');
    const old = await beating({ server: await startConductor({ version: '1.71' }), settings: more });
    expect(versionOf(old.server)).toBe('1.71');
    expect(bodyOf(old.server)).not.toHaveProperty('agent_status_message');
  });

  it('has no certificate without automatic TLS and a null token without a token', async () => {
    const { server } = await beating({
      server: await startConductor({ version: '1.115' }),
      settings: { certificatePem: null, token: null },
    });
    expect(bodyOf(server)).toEqual({ callback_url: settings.callbackUrl, agent_version: '12.1.0', agent_token: null });
  });
});

describe('heartbeat pace (check 19)', () => {
  it.each([
    [0, 90_000],
    [1, 180_000],
  ])('after 202 with randomness %d: %i ms', async (random, ms) => {
    const { count, pass, clock } = await beating({ server: await startConductor(), clock: { random } });
    expect(count()).toBe(1);
    expect(clock.elapsed()).toBe(0);
    await pass(ms - 1);
    expect(count()).toBe(1);
    await pass(1);
    expect(count()).toBe(2);
  });

  it('after any failure within 5 to 10 s, for ever, and the old pace once accepted', async () => {
    const replies: ScriptedReply[] = [
      fault(409, 'Node is locked by host conductor0'),
      fault(400, 'Invalid agent token'),
      { status: 503 },
      'cut',
      'cut',
      { status: 200 },
      { status: 404 },
      { status: 202 },
    ];
    const started = await beating({ server: await startConductor(), clock: { random: 0.5 }, replies });
    for (let round = 0; round < 6; round += 1) {
      expect(started.clock.sleeps.at(-1)).toBe(7_500);
      expect(started.heartbeat.state()).toMatchObject({ running: true, failures: round + 1 });
      await started.pass(7_500);
    }
    expect(started.heartbeat.state()).toMatchObject({ failures: 0, lastError: null });
    expect(started.clock.sleeps.at(-1)).toBe(135_000);
    const text = started.lines.join('');
    for (const words of ['HeartbeatConflictError', 'HeartbeatError', 'HeartbeatConnectionError', 'Invalid agent token'])
      expect(text).toContain(words);
    expect(text).toContain('heartbeat.recovered failures=6');
  });

  it('goes to the second URL when the first one is dead (check 21)', async () => {
    const dead = await deadUrl();
    const server = await startConductor();
    const { count } = await beating({ server, urls: [dead, server.url] });
    expect(count()).toBe(1);
  });

  it('gets patient when the conductor refuses what it says again and again, and is quick again after that', async () => {
    const started = await beating({ server: await startConductor(), replies: [fault(400, 'Invalid agent token')] });
    for (let round = 1; round <= 10; round += 1) {
      expect(started.clock.sleeps.at(-1)).toBe(7_500);
      await started.pass(7_500);
    }
    expect(started.clock.sleeps.at(-1)).toBe(15_000);
    await started.pass(15_000);
    await started.pass(30_000);
    await started.pass(45_000);
    expect(started.clock.sleeps.at(-1)).toBe(45_000);
    started.server.script('heartbeat', { status: 503 });
    await started.pass(45_000);
    expect(started.clock.sleeps.at(-1)).toBe(7_500);
  });

  it('logs a failure that lasts now and then only, without the token', async () => {
    const server = await startConductor();
    const started = await beating({
      server,
      replies: [fault(400, `Schema: {"agent_token": "${TOKEN}"} is not valid`)],
    });
    for (let round = 1; round < 20; round += 1) await started.pass(45_000);
    expect(started.count()).toBeGreaterThanOrEqual(20);
    const refusals = started.lines.filter((line) => line.includes('heartbeat.refused'));
    expect(refusals).toHaveLength(5);
    expect(started.lines.join('')).not.toContain(TOKEN);
    expect(started.heartbeat.state().lastError).not.toContain(TOKEN);
  });

  it('ends when aborted and not before', async () => {
    const { stop, running, heartbeat } = await beating({ server: await startConductor() });
    stop.abort(new Error('stopping'));
    await running;
    expect(heartbeat.state().running).toBe(false);
  });

  it('ends when aborted in the middle of a request', async () => {
    const server = await startConductor();
    closing.push(() => server.close());
    server.script('heartbeat', 'hang');
    const { ports } = ironicKit();
    const heartbeat = createHeartbeat(ports, createApi(ports, apiSettings([server.url])), settings);
    const stop = new AbortController();
    const running = heartbeat.start(stop.signal);
    await server.nth('heartbeat', 1);
    stop.abort(new Error('stopping'));
    await running;
  });
});

describe('forced heartbeat', () => {
  it('goes out at once when the last one is old, and not within 5 s of it (check 17)', async () => {
    const { heartbeat, count, pass } = await beating({ server: await startConductor() });
    await pass(60_000);
    heartbeat.force();
    await pass(0);
    expect(count()).toBe(2);
    heartbeat.force();
    await pass(4_999);
    expect(count()).toBe(2);
    await pass(1);
    expect(count()).toBe(3);
  });

  it('keeps on every 5 to 10 s until the conductor speaks, then goes back to the usual pace', async () => {
    const { heartbeat, count, pass, clock } = await beating({ server: await startConductor(), clock: { random: 0.5 } });
    await pass(10_000);
    heartbeat.force();
    await pass(0);
    for (let round = 0; round < 4; round += 1) await pass(7_500);
    expect(count()).toBe(6);
    expect(heartbeat.state().unheard).toBe(true);
    heartbeat.conductorSpoke();
    await pass(7_500);
    expect(count()).toBe(7);
    expect(clock.sleeps.at(-1)).toBe(135_000);
    expect(heartbeat.state().unheard).toBe(false);
  });

  it('stops pressing after one interval', async () => {
    const { heartbeat, pass, clock } = await beating({
      server: await startConductor(),
      settings: { intervalMs: 60_000 },
    });
    await pass(5_000);
    heartbeat.force();
    for (let at = 0; at <= 60_000; at += 7_500) await pass(7_500);
    expect(clock.sleeps.at(-1)).toBe(27_000);
  });

  it('is not lost when asked for while a heartbeat is in flight', async () => {
    const server = await startConductor();
    closing.push(() => server.close());
    const { ports, clock } = ironicKit({ random: 0.5 });
    const heartbeat = createHeartbeat(ports, createApi(ports, apiSettings([server.url])), settings);
    const stop = new AbortController();
    const running = heartbeat.start(stop.signal);
    const first = server.nth('heartbeat', 1).then(() => {
      heartbeat.force();
      heartbeat.conductorSpoke();
    });
    await first;
    await clock.asleep();
    await clock.advance(5_000);
    await clock.asleep();
    expect(server.seen('heartbeat')).toHaveLength(2);
    stop.abort(new Error('end'));
    await running;
  });

  it('is spared the extra rounds when the conductor has asked already', async () => {
    const { heartbeat, count, pass, clock } = await beating({ server: await startConductor(), clock: { random: 0.5 } });
    await pass(20_000);
    heartbeat.force();
    heartbeat.conductorSpoke();
    await pass(0);
    expect(count()).toBe(2);
    expect(clock.sleeps.at(-1)).toBe(135_000);
  });
});
