import { getEventListeners } from 'node:events';
import { createServer, type Server } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Body,
  createTransferSession,
  type TlsMaterial,
  TransferFailed,
  type TransferSettings,
  TransferStalled,
} from '../../../../src/system/index.ts';
import { type ImageServer, startImageServer } from '../../../kit/image-server.ts';
import { createProxyServer } from '../../../kit/proxy-server.ts';

const tls: TlsMaterial = { ca: null, cert: null, key: null, insecure: false, minVersion: '1.2', ciphers: null };
const settings: TransferSettings = { tls, timeoutMs: 5000, proxyFor: () => null, authorization: null };
const never = new AbortController().signal;
const pattern = (bytes: number) => Uint8Array.from({ length: bytes }, (_, i) => (i * 7 + (i >> 8)) & 0xff);

async function drain(body: Body, step: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (;;) {
    const into = new Uint8Array(step);
    const count = await body.fill(into);
    if (count === 0) return Buffer.concat(parts);
    parts.push(into.subarray(0, count));
  }
}

/** A server that answers every connection with fixed bytes, then closes or stays. */
async function rawServer(answer: string, stay = false): Promise<{ url: URL; server: Server }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => (stay ? socket.write(answer, 'latin1') : socket.end(answer, 'latin1')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { url: new URL(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`), server };
}

describe('bulk HTTP reader', () => {
  let server: ImageServer;
  const content = pattern(3_000_001);
  beforeAll(async () => {
    server = await startImageServer();
  });
  afterAll(() => server.close());
  const get = (url: string, with_: Partial<TransferSettings> = {}) =>
    createTransferSession({ ...settings, ...with_ }).get(new URL(url), {}, never);

  it.each([1 << 22, 1 << 20, 65_536, 777])('delivers a body of known length in pieces of %i bytes', async (step) => {
    const body = await get(server.serve('/plain', { content }));
    expect([body.status, body.length]).toEqual([200, content.length]);
    expect(Buffer.compare(await drain(body, step), content)).toBe(0);
  });

  it.each([1 << 20, 1000])('delivers a chunked body in pieces of %i bytes', async (step) => {
    const body = await get(server.serve('/chunked', { content, chunked: true }));
    expect(body.length).toBeNull();
    expect(Buffer.compare(await drain(body, step), content)).toBe(0);
  });

  it.each([
    ['gzip', 1 << 20, false],
    ['X-GZIP', 777, true],
  ])('undoes a content coding that nobody asked for: %s, in pieces of %i bytes', async (coding, step, chunked) => {
    const half = content.length / 2;
    const coded = Buffer.concat([gzipSync(content.subarray(0, half)), gzipSync(content.subarray(half))]);
    const headers = { 'content-encoding': coding };
    const session = createTransferSession(settings);
    for (let i = 0; i < 2; i++) {
      const body = await session.get(new URL(server.serve('/coded', { content: coded, chunked, headers })), {}, never);
      expect([body.length, body.coded]).toEqual([null, true]);
      expect(Buffer.compare(await drain(body, step), content)).toBe(0);
    }
    session.close();
  });

  it.each([
    ['cut', (coded: Buffer) => coded.subarray(0, -3), /unexpected end/],
    ['damaged', (coded: Buffer) => coded.fill(7, 30, 60), /damaged/],
    ['followed by other bytes', (coded: Buffer) => Buffer.concat([coded, Buffer.alloc(9)]), /other bytes follow/],
  ])('does not accept a content coding that is %s', async (_, change, message) => {
    const headers = { 'content-encoding': 'gzip' };
    const body = await get(server.serve('/bad', { content: change(gzipSync(content)), headers }));
    await expect(drain(body, 5000)).rejects.toThrow(message);
    body.close();
    await expect(body.fill(new Uint8Array(9))).rejects.toSatisfy(TransferFailed.is);
  });

  it('waits for a slow consumer without losing or reordering bytes', async () => {
    const body = await get(server.serve('/slow', { content }));
    const parts: Uint8Array[] = [];
    for (let i = 0; ; i++) {
      const into = new Uint8Array(300_000);
      const count = await body.fill(into);
      if (count === 0) break;
      parts.push(into.subarray(0, count));
      if (i % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 30));
    }
    expect(Buffer.compare(Buffer.concat(parts), content)).toBe(0);
  });

  it('uses one connection for requests one after the other', async () => {
    const session = createTransferSession(settings);
    const url = new URL(server.serve('/again', { content }));
    for (const [start, end] of [
      [0, 9],
      [100, 199],
      [5, 5],
    ] as const) {
      const body = await session.get(url, { Range: `bytes=${start}-${end}` }, never);
      expect(Buffer.compare(await drain(body, 4096), content.subarray(start, end + 1))).toBe(0);
    }
    session.close();
  });

  it('follows redirects and leaves credentials behind on another host', async () => {
    const other = await startImageServer();
    const final = other.serve('/final', { content });
    const local = server.serve('/local', { content, authorization: 'Basic abc' });
    expect(
      (await get(server.serve('/stay', { content, redirect: local }), { authorization: 'Basic abc' })).status,
    ).toBe(200);
    const body = await get(server.serve('/go', { content, redirect: final }), { authorization: 'Basic abc' });
    expect(body.url.href).toBe(final);
    expect(other.requests.map((seen) => seen.authorization)).toEqual([null]);
    body.close();
    await other.close();
  });

  it('gives what arrived before a cut, then the fault', async () => {
    const body = await get(server.serve('/cut', { content, faults: [{ kind: 'cut', after: 1_000_000 }] }));
    const into = new Uint8Array(2_000_000);
    expect(await body.fill(into)).toBe(1_000_000);
    await expect(body.fill(into)).rejects.toSatisfy(TransferFailed.is);
  });

  it('reports silence after the configured time', async () => {
    const url = server.serve('/stall', { content, faults: [{ kind: 'stall', after: 500 }] });
    const body = await get(url, { timeoutMs: 200 });
    const into = new Uint8Array(1000);
    expect(await body.fill(into)).toBe(500);
    await expect(body.fill(into)).rejects.toSatisfy(TransferStalled.is);
  });

  it.each(['http', 'tunnel'])('waits longer than a timer can, over %s', async (way) => {
    const slow = createServer((socket) => {
      const answer = way === 'tunnel' ? 'HTTP/1.1 200 OK\r\n\r\n' : 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n';
      socket.on('error', () => undefined);
      socket.once('data', () => setTimeout(() => socket.write(answer), 80));
      if (way === 'http') setTimeout(() => socket.write('ok'), 250);
    });
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
    const address = slow.address();
    const url = new URL(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`);
    const long = { ...settings, timeoutMs: 2 ** 31 };
    if (way === 'http') {
      const body = await createTransferSession(long).get(url, {}, never);
      expect(await body.fill(new Uint8Array(9))).toBe(2);
    } else {
      const stop = new AbortController();
      const session = createTransferSession({ ...long, proxyFor: () => url });
      const tunnelled = session.get(new URL('https://host/'), {}, stop.signal);
      setTimeout(() => stop.abort(new Error('the proxy agreed and TLS waits')), 300);
      await expect(tunnelled).rejects.toThrow('the proxy agreed');
    }
    slow.close();
  });

  it('ends a waiting read when the signal is aborted', async () => {
    const stop = new AbortController();
    const url = new URL(server.serve('/abort', { content, faults: [{ kind: 'stall', after: 0 }] }));
    const pending = createTransferSession(settings).get(url, {}, stop.signal);
    setTimeout(() => stop.abort(new Error('stopped by the operator')), 50);
    await expect(pending.then((body) => body.fill(new Uint8Array(10)))).rejects.toThrow('stopped by the operator');
  });

  it.each([
    ['not HTTP', 'SSH-2.0-OpenSSH\r\n\r\n', /does not speak HTTP/],
    ['an answer that ends early', 'HTTP/1.1 200 OK\r\nContent-Le', /middle of the answer/],
    [
      'contradicting lengths',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello',
      /Content-Length/,
    ],
    ['another content coding', 'HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n', /Content-Encoding/],
    ['two content codings', 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\n\r\n', /Content-Encoding/],
    ['a part of a coded body', 'HTTP/1.1 206 OK\r\nContent-Encoding: gzip\r\n\r\n', /Content-Encoding/],
    ['an unknown transfer coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n', /transfer coding/],
  ])('refuses %s', async (_, answer, message) => {
    const { url, server: raw } = await rawServer(answer);
    await expect(createTransferSession(settings).get(url, {}, never)).rejects.toThrow(message);
    raw.close();
  });

  it.each([
    ['a bad chunk header', 'zz\r\nhello\r\n0\r\n\r\n'],
    ['a missing last chunk', '5\r\nhello\r\n'],
    ['a cut chunk', 'ff\r\nhello'],
  ])('fails on %s', async (_, chunks) => {
    const { url, server: raw } = await rawServer(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`);
    const body = await createTransferSession(settings).get(url, {}, never);
    await expect(drain(body, 100)).rejects.toSatisfy(TransferFailed.is);
    raw.close();
  });

  it('gives what arrived of a chunked body before it broke, then the fault, again and again', async () => {
    const answer = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n wor';
    const { url, server: raw } = await rawServer(answer);
    const body = await createTransferSession(settings).get(url, {}, never);
    const into = new Uint8Array(100);
    expect(await body.fill(into)).toBe(9);
    expect(Buffer.from(into.subarray(0, 9)).toString()).toBe('hello wor');
    for (let i = 0; i < 2; i++) await expect(body.fill(into)).rejects.toSatisfy(TransferFailed.is);
    raw.close();
  });

  it.each([
    ['an answer that cannot be read', 'HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n', /Content-Length/],
    ['a coding that nobody asked for', 'HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n', /Content-Encoding/],
    ['a redirect to nowhere', 'HTTP/1.1 302 Found\r\nLocation: ftp://x/\r\n\r\n', /scheme ftp/],
  ])('ends the connection and stops watching after %s', async (_, answer, message) => {
    const { url, server: raw } = await rawServer(answer, true);
    const gone = new Promise((resolve) => raw.once('connection', (socket) => socket.once('close', resolve)));
    const { signal } = new AbortController();
    await expect(createTransferSession(settings).get(url, {}, signal)).rejects.toThrow(message);
    await gone;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    raw.close();
  });

  it('skips interim answers and reads a body that ends with the connection', async () => {
    const { url, server: raw } = await rawServer(
      'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.0 200 OK\r\n\r\nhello',
    );
    const body = await createTransferSession(settings).get(url, {}, never);
    expect(Buffer.from(await drain(body, 100)).toString()).toBe('hello');
    raw.close();
  });

  it('goes through a proxy, with its credentials, only when told', async () => {
    const proxy = await createProxyServer('user', 'secret word');
    const proxyUrl = new URL(`http://user:secret%20word@127.0.0.1:${proxy.port}`);
    const url = server.serve('/proxied', { content });
    const body = await get(url, { proxyFor: () => proxyUrl });
    expect(Buffer.compare(await drain(body, 1 << 20), content)).toBe(0);
    expect(proxy.asked).toEqual([`GET ${url}`]);
    await proxy.close();
  });
});
