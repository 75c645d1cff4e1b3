import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { createApi, createHeartbeat, lookup } from '../../src/ironic/index.ts';
import { startAgent } from '../kit/agent-process.ts';
import { makeCertificates } from '../kit/certificates.ts';
import { freePort } from '../kit/free-port.ts';
import { apiSettings, heartbeatSettings, ironicKit, lookupSettings, plainTls } from '../kit/ironic-ports.ts';
import { lookupDocument, NODE_UUID, startConductor, TOKEN } from '../kit/scripted-conductor.ts';

const closing: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of closing.splice(0).reverse()) await one.close();
});

const { signal } = new AbortController();
const BODY = JSON.stringify(lookupDocument());
const HEAD = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\nConnection: close\r\n\r\n`;

/** A server that spoils its first answers in this way, and then behaves. */
async function spoiling(times: number, spoil: (socket: Socket) => void): Promise<string> {
  let left = times;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => {
      left -= 1;
      if (left >= 0) spoil(socket);
      else socket.end(`${HEAD}${BODY}`);
    });
  });
  closing.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

const drip = (socket: Socket) => {
  socket.write(HEAD);
  let at = 0;
  const timer = setInterval(() => socket.write(BODY.slice(at, ++at)), 100);
  socket.on('close', () => clearInterval(timer));
};

it.each<[string, (socket: Socket) => void]>([
  ['accepts and never answers', () => undefined],
  ['answers a byte at a time', drip],
  [
    'resets in the middle of an answer',
    (socket) => void socket.write(`${HEAD}${BODY.slice(0, 20)}`, () => socket.resetAndDestroy()),
  ],
  ['closes in the middle of an answer', (socket) => void socket.end(`${HEAD}${BODY.slice(0, 20)}`)],
  ['answers what is no HTTP', (socket) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n')],
])('lookup goes on when a server %s, and ends well when it behaves', async (_case, spoil) => {
  const url = await spoiling(2, spoil);
  const { ports, clock } = ironicKit({ auto: true, random: 0 });
  const api = createApi(ports, apiSettings([url], { version: '1.96', requestTimeoutMs: 250 }));
  const found = await lookup(ports, api, lookupSettings, signal);
  expect(found.token.value).toBe(TOKEN);
  expect(clock.sleeps).toHaveLength(2);
});

it('heartbeats come back after a conductor that was gone for ten minutes', async () => {
  const first = await startConductor({ version: '1.96' });
  const { ports, clock } = ironicKit({ random: 0.5 });
  const told: string[] = [];
  const talk = { failed: (what: string) => void told.push(`${what} failed`), succeeded: () => void told.push('well') };
  const heartbeat = createHeartbeat({ ...ports, talk }, createApi(ports, apiSettings([first.url])), heartbeatSettings);
  const stop = new AbortController();
  const running = heartbeat.start(stop.signal);
  await clock.asleep();
  await first.close();
  const pass = async () => {
    await clock.advance(clock.sleeps.at(-1) ?? 0);
    await clock.asleep();
  };
  while (clock.elapsed() < 600_000) await pass();
  expect(heartbeat.state().failures).toBeGreaterThan(50);
  const second = await startConductor({ version: '1.96', port: first.port });
  closing.push(second);
  await pass();
  expect(heartbeat.state()).toMatchObject({ failures: 0, lastError: null });
  expect(Object(second.seen('heartbeat')[0]?.body)).toEqual(Object(first.seen('heartbeat')[0]?.body));
  expect([told[0], told[1], told.at(-1)]).toEqual(['well', 'heartbeat failed', 'well']);
  stop.abort(new Error('end'));
  await running;
});

it('lookup succeeds once an untrusted server has got a trusted certificate', async () => {
  const [stranger, known] = [makeCertificates(), makeCertificates()];
  closing.push(stranger, known);
  const first = await startConductor({ tls: stranger.server, version: '1.96' });
  const { ports, clock, lines } = ironicKit();
  const tls = { ...plainTls, cafile: known.caFile };
  const running = lookup(ports, createApi(ports, apiSettings([first.url], { tls })), lookupSettings, signal);
  await clock.asleep();
  expect(lines.join('')).toContain('its certificate is not trusted');
  await first.close();
  closing.push(await startConductor({ tls: known.server, version: '1.96', port: first.port }));
  await clock.advance(60_000);
  expect((await running).node.uuid).toBe(NODE_UUID);
});

const statusOf = async (port: number) => Object(await (await fetch(`http://127.0.0.1:${port}/v1/status`)).json());

it('the agent says why it waits, in /v1/status, on the console and in the log, and takes it back', async () => {
  const port = await freePort();
  const flags = ['--noenable_auto_tls', '--disk_wait_attempts', '0', '--lookup_interval', '0'];
  const agent = await startAgent(['--api_url', `http://127.0.0.1:${port}`, ...flags]);
  closing.push({ close: () => agent.stop() });
  const verdict = `cannot reach http://127.0.0.1:${port}: 127.0.0.1:${port} refuses the connection`;
  await agent.sees(/^problem {3}cannot reach http:\/\/127\.0\.0\.1/m);
  await agent.sees(/ diagnosis verdict="cannot reach/);
  const { diagnosis } = await statusOf(agent.port);
  expect(diagnosis).toMatchObject({ verdict: expect.stringContaining(verdict), finding: 'connection' });
  const conductor = await startConductor({ version: '1.82', port });
  closing.push(conductor);
  await conductor.nth('heartbeat', 1);
  await expect.poll(async () => (await statusOf(agent.port)).diagnosis, { timeout: 10_000 }).toBeNull();
  await agent.sees(/diagnosis\.cleared/);
});

const main = join(import.meta.dirname, '../../src/main.ts');
const diagnose = async (...flags: readonly string[]) => {
  const env = { PATH: process.env.PATH };
  const ran = promisify(execFile)(process.execPath, [main, 'diagnose', ...flags], { env });
  return ran.then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: unknown) => ({ code: Object(error).code, stdout: String(Object(error).stdout) }),
  );
};

it('diagnose prints every step and ends with 0 or 1', async () => {
  const conductor = await startConductor({ version: '1.96' });
  closing.push(conductor);
  const well = await diagnose('--api_url', conductor.url);
  expect(well).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/ok {6}API {9}Ironic API 1\.96\nverdict: it can be reached/),
  });
  const bad = await diagnose('--api_url', `http://127.0.0.1:${await freePort()},${conductor.url}`, '--json');
  expect(bad.code).toBe(1);
  expect(JSON.parse(bad.stdout)).toMatchObject({
    ok: false,
    paths: [{ finding: { kind: 'connection' } }, { verdict: null, finding: null }],
  });
  const none = await diagnose();
  expect(none).toMatchObject({ code: 1, stdout: expect.stringContaining('no server to test') });
});
