import { once } from 'node:events';
import { connect } from 'node:tls';
import { afterEach, expect, it } from 'vitest';
import { createApi, createHeartbeat } from '../../../src/ironic/index.ts';
import { certificateOf } from '../../kit/conductor-call.ts';
import { apiSettings, heartbeatSettings, ironicKit } from '../../kit/ironic-ports.ts';
import { livesOf } from '../../kit/restart-kit.ts';
import { fault, NODE_UUID, type ScriptedReply, startConductor, TOKEN } from '../../kit/scripted-conductor.ts';

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const bodyOf = (seen: { readonly body: unknown }) => Object(seen.body);
const NODE = { uuid: NODE_UUID };
const getSteps = (kind: string) => ({ name: `${kind}.get_${kind}_steps`, params: { node: NODE, ports: [] } });

it('check 16: every step has its three keys, and the versions are the same over two calls and two boots', async () => {
  const versions: unknown[] = [];
  for (let boot = 0; boot < 2; boot += 1) {
    const lives = await livesOf();
    await lives.start();
    await lives.conductor.nth('heartbeat', 1);
    for (const kind of ['clean', 'clean', 'deploy', 'service']) {
      const { status, body } = await lives.call('POST', getSteps(kind));
      expect([status, body.command_status]).toEqual([200, 'SUCCEEDED']);
      const { [`${kind}_steps`]: steps, hardware_manager_version: version } = body.command_result;
      for (const step of Object.values(steps).flat())
        expect(step).toMatchObject({
          step: expect.any(String),
          interface: expect.stringMatching(/^(deploy|raid|bios|management|power|firmware)$/),
          priority: expect.any(Number),
        });
      expect(Object.values(steps).flat().length).toBeGreaterThan(0);
      versions.push(version);
    }
  }
  expect(versions).toHaveLength(8);
  for (const version of versions) expect(version).toEqual(versions[0]);
});

it('check 17: the end of an async command makes a heartbeat within 10 s, and never two within 5 s', async () => {
  const lives = await livesOf();
  const { conductor } = lives;
  await lives.start();
  await conductor.nth('heartbeat', 1);
  const { hardware_manager_version: version } = (await lives.call('POST', getSteps('clean'))).body.command_result;
  const params = { step: { step: 'no_such_step', interface: 'deploy' }, node: NODE, ports: [], clean_version: version };
  for (let round = 0; round < 2; round += 1) {
    const before = conductor.seen('heartbeat').length;
    const { body } = await lives.call('POST', { name: 'clean.execute_clean_step', params });
    const started = performance.now();
    expect(body.command_name).toBe('execute_clean_step');
    const beat = await conductor.nth('heartbeat', before + 1);
    // A loaded machine gets two seconds on top.
    expect(beat.at - started).toBeLessThan(12_000);
    expect((await lives.call('GET')).body.commands.at(-1).command_status).toBe('FAILED');
  }
  const times = conductor.seen('heartbeat').map(({ at }) => at);
  for (const [at, time] of times.entries()) if (at > 0) expect(time - (times[at - 1] ?? 0)).toBeGreaterThan(4_900);
});

it.each([
  ['1.82', '1.68'],
  ['1.115', '1.68'],
])(
  'check 18: heartbeat of an agent before API %s: header %s and a stable body with the certificate it serves',
  async (server, header) => {
    const lives = await livesOf([], server);
    const { conductor, place } = lives;
    conductor.script('heartbeat', fault(409, 'Node is locked'), { status: 202 });
    await lives.start();
    const first = await conductor.nth('heartbeat', 1);
    const second = await conductor.nth('heartbeat', 2);
    expect(first.headers['x-openstack-ironic-api-version']).toBe(header);
    expect(first.path).toBe(`/v1/heartbeat/${NODE_UUID}`);
    expect(bodyOf(first)).toEqual({
      callback_url: `https://127.0.0.1:${place.port}`,
      agent_token: TOKEN,
      agent_version: expect.stringMatching(/^1[2-9]\.\d+\.\d+/),
      agent_verify_ca: expect.stringMatching(/^-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----\n$/),
    });
    expect(second.body).toEqual(first.body);
    const socket = connect({ host: '127.0.0.1', port: place.port, ca: certificateOf(first) });
    await once(socket, 'secureConnect');
    expect(socket.getPeerX509Certificate()?.toString()).toBe(certificateOf(first));
    socket.destroy();
  },
);

it('check 18: an agent without automatic TLS sends no certificate, and http', async () => {
  const lives = await livesOf(['--noenable_auto_tls'], '1.96');
  await lives.start();
  const body = bodyOf(await lives.conductor.nth('heartbeat', 1));
  expect(body).toEqual({
    callback_url: `http://127.0.0.1:${lives.place.port}`,
    agent_token: TOKEN,
    agent_version: expect.any(String),
  });
});

/** A heartbeat with time in our hand, before a conductor that answers so. */
async function beating(replies: readonly ScriptedReply[], random: number) {
  const server = await startConductor({ version: '1.96' });
  open.push(server);
  server.script('heartbeat', ...replies);
  const { ports, clock } = ironicKit({ random });
  const heartbeat = createHeartbeat(ports, createApi(ports, apiSettings([server.url])), heartbeatSettings);
  const stop = new AbortController();
  const running = heartbeat.start(stop.signal);
  open.push({
    close: async () => {
      stop.abort(new Error('end of test'));
      await running;
    },
  });
  await clock.asleep();
  return {
    server,
    pause: () => clock.sleeps.at(-1),
    next: async () => {
      await clock.advance(clock.sleeps.at(-1) ?? 0);
      await clock.asleep();
    },
  };
}

it.each([
  ['shortest', 0, 5_000, 90_000],
  ['longest', 1, 10_000, 180_000],
])('check 19: whatever the answer, the next attempt comes, after the %s pause', async (_case, random, soon, usual) => {
  const answers: ScriptedReply[] = [
    fault(409, 'locked'),
    fault(400, 'no'),
    { status: 503 },
    { status: 404 },
    { status: 403 },
    { status: 406 },
  ];
  // A cut of a kept connection is tried once more at once: two cuts are one failure.
  const started = await beating([...answers, 'cut', 'cut', { status: 202 }], random);
  for (let round = 0; round <= answers.length; round += 1) {
    expect(started.pause()).toBe(soon);
    await started.next();
  }
  expect(started.pause()).toBe(usual);
});

it('check 19: the attempts never end', async () => {
  const started = await beating([{ status: 503 }], 0.5);
  for (let round = 1; round < 100; round += 1) {
    expect(started.pause()).toBe(7_500);
    await started.next();
  }
  expect(started.server.seen('heartbeat').length).toBe(100);
});
