import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import type { TlsSettings } from '../../src/api/index.ts';
import { tlsProtocolOptions } from '../../src/runtime/index.ts';
import { startTestApi } from '../kit/api.ts';
import { makeCertificates } from '../kit/certificates.ts';
import { livesOf } from '../kit/restart-kit.ts';
import { TOKEN } from '../kit/scripted-conductor.ts';

/** Reads, and never ends its own side. */
async function peer(port: number, firstWords: string | Buffer = ''): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined).resume();
  await once(socket, 'connect');
  if (firstWords.length > 0) socket.write(firstWords);
  return socket;
}

/** The beginning of a ClientHello whose end never comes. */
const PART_OF_HELLO = Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]);

/** Content type of a TLS record. */
const ALERT = 0x15;

/** Milliseconds until the other side has given the connection up: what is sent to it is refused. */
async function untilGone(socket: Socket): Promise<number> {
  const started = performance.now();
  const knock = setInterval(() => socket.write('x'), 100);
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(knock);
  return performance.now() - started;
}

describe('peers that open a connection and stop there', () => {
  it.each([
    ['nothing', ''],
    ['part of a ClientHello', PART_OF_HELLO],
  ])('sent %s: neither lockdown nor SIGTERM waits for it', async (_case, words) => {
    const lives = await livesOf();
    const agent = await lives.start();
    await lives.conductor.nth('heartbeat', 1);
    await peer(lives.place.port, words);
    const body = { name: 'system.lockdown', params: {} };
    const answer = await lives.call('POST', body, TOKEN, 'wait=false');
    expect(answer.body).toMatchObject({ command_status: 'SUCCEEDED' });
    // Links go down right after; the process stays.
    await agent.sees(/agent\.idle.*locked/, 8_000);
    expect(await agent.terminate()).toBe(0);
  });

  it('SIGTERM ends the agent within seconds', async () => {
    const lives = await livesOf();
    const agent = await lives.start();
    await lives.conductor.nth('heartbeat', 1);
    await peer(lives.place.port);
    const started = performance.now();
    expect(await agent.terminate()).toBe(0);
    expect(performance.now() - started).toBeLessThan(8_000);
  });
});

describe('what the API does with such a peer', () => {
  const made = makeCertificates();
  afterAll(made.close);
  const tls = { clientAuthority: null, ...made.server, ...tlsProtocolOptions({ minVersion: '1.2', ciphers: null }) };
  const serve = async (how: { readonly tls?: TlsSettings }) => {
    const api = await startTestApi({ commands: [], extensions: [], ports: {}, ...how });
    onTestFinished(() => api.server.close());
    return api;
  };

  it.each([
    ['nothing', ''],
    ['part of a ClientHello', PART_OF_HELLO],
  ])('over TLS, sent %s: it is given up after ten seconds', async (_case, words) => {
    const api = await serve({ tls });
    const socket = await peer(api.server.port, words);
    const started = performance.now();
    await once(socket, 'end');
    expect(performance.now() - started).toBeGreaterThan(8_000);
    expect(performance.now() - started).toBeLessThan(20_000);
    expect(await untilGone(socket)).toBeLessThan(5_000);
    expect(api.logLines.find((line) => line.includes('api.tls.refused'))).toContain('"from":"127.0.0.1"');
  });

  it('over TLS, sent no TLS: it gets an alert and is given up at once', async () => {
    const api = await serve({ tls });
    const socket = await peer(api.server.port, '\x16\x03\x01\x00\x05hello');
    const [alert] = await once(socket, 'data');
    expect(alert[0]).toBe(ALERT);
    expect(await untilGone(socket)).toBeLessThan(5_000);
  });

  it.each([
    ['http', {}],
    ['https', { tls }],
  ])('over %s, sent no HTTP: it is told so, and given up', async (scheme, how) => {
    const api = await serve(how);
    const socket =
      scheme === 'http' ? await peer(api.server.port) : connectTls(api.server.port, '127.0.0.1', { ca: made.ca });
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined).write('nonsense\r\n\r\n');
    const [words] = await once(socket, 'data');
    expect(String(words)).toMatch(/^HTTP\/1.1 400 .*the HTTP request is malformed/s);
    expect(await untilGone(socket)).toBeLessThan(8_000);
  });
});
