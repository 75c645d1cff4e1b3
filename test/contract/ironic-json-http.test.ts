import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createFiles, createJsonHttp, type JsonRequest, ServerUnreachable } from '../../src/system/index.ts';
import { plainTls } from '../kit/ironic-ports.ts';
import { createProxyServer } from '../kit/proxy-server.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

const portOf = (server: Server) => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};
async function serve(listener: RequestListener) {
  const server = createServer(listener);
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { server, url: `http://127.0.0.1:${portOf(server)}` };
}

const http = createJsonHttp(createFiles());
const { signal } = new AbortController();
const get = (url: string, more: Partial<JsonRequest> = {}): JsonRequest => ({
  method: 'GET',
  url,
  headers: {},
  timeoutMs: 2000,
  tls: plainTls,
  ...more,
});
const post = (url: string) => get(url, { method: 'POST', body: { token: 'x' } });

describe('JSON client', () => {
  it('reads JSON whatever its declared type, and keeps other text', async () => {
    const { url } = await serve((request, response) => response.end(request.url === '/json' ? '{"a":1}' : '<html>'));
    expect(await http.send(get(`${url}/json`), signal)).toMatchObject({ status: 200, json: { a: 1 } });
    const page = await http.send(get(`${url}/page`), signal);
    expect([page.json, page.text]).toEqual([undefined, '<html>']);
  });

  it('tells the ends of its socket, also of a kept one', async () => {
    let connections = 0;
    const { server, url } = await serve((_request, response) => response.end('{}'));
    server.on('connection', () => (connections += 1));
    for (let round = 0; round < 3; round += 1)
      expect(await http.send(get(url), signal)).toMatchObject({
        localAddress: '127.0.0.1',
        remoteAddress: '127.0.0.1',
      });
    expect(connections).toBe(1);
  });

  it('sends once more when the server closed the kept connection meanwhile', async () => {
    let requests = 0;
    const { url } = await serve((request, response) => {
      requests += 1;
      if (requests === 2) return void request.socket.destroy();
      response.end('{}');
    });
    await http.send(get(url), signal);
    expect((await http.send(post(url), signal)).status).toBe(200);
    expect(requests).toBe(3);
  });

  it('follows redirects, a POST as a POST but only on its own host', async () => {
    const bodies: string[] = [];
    const { url } = await serve(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      if (request.url === '/here') return void response.writeHead(302, { location: '/there' }).end();
      if (request.url === '/away') {
        const away = `http://localhost:${request.socket.localPort}/there`;
        return void response.writeHead(307, { location: away }).end();
      }
      bodies.push(`${request.method} ${Buffer.concat(chunks).toString()}`);
      response.end('{}');
    });
    expect((await http.send(post(`${url}/here`), signal)).status).toBe(200);
    await expect(http.send(post(`${url}/away`), signal)).rejects.toThrow(
      'refused to follow a redirect to http://localhost',
    );
    expect(bodies).toEqual(['POST {"token":"x"}']);
  });

  it('needs no authority file for a plain URL', async () => {
    const { url } = await serve((_request, response) => response.end('{}'));
    expect((await http.send(get(url, { tls: { ...plainTls, cafile: '/no/such.pem' } }), signal)).status).toBe(200);
  });

  it('gives up on a silent server, on a dripping one and on an endless answer', async () => {
    const { url } = await serve((request, response) => {
      if (request.url === '/silent') return;
      response.writeHead(200);
      const drip = request.url === '/drip' ? ' ' : Buffer.alloc(1024 * 1024, 32);
      const timer = setInterval(() => response.write(drip), request.url === '/drip' ? 20 : 1);
      response.on('close', () => clearInterval(timer));
    });
    const patient = (path: string, timeoutMs: number) => http.send(get(url + path, { timeoutMs }), signal);
    await expect(patient('/silent', 100)).rejects.toThrow('no answer within 0.1 s');
    await expect(patient('/drip', 100)).rejects.toSatisfy(ServerUnreachable.is);
    await expect(patient('/endless', 10_000)).rejects.toThrow('longer than 16777216 bytes');
  });

  it('names what is wrong, and neither query nor credentials', async () => {
    const { server, url } = await serve((request) => request.socket.destroy());
    await expect(http.send(get(`${url}/x?agent_token=secret`), signal)).rejects.toThrow(`GET ${url}/x: connection cut`);
    await expect(http.send(get(`https://127.0.0.1:${portOf(server)}/`), signal)).rejects.toThrow('no agreement on TLS');
    const named = http.send(get(`${url.replace('//', '//user:word@')}/x`), signal);
    await expect(named).rejects.toThrow(/^(?!.*word).*connection cut/);
    await expect(http.send(get('nonsense'), signal)).rejects.toSatisfy(ServerUnreachable.is);
  });

  it('goes through the proxy of the environment, except where told not to', async () => {
    const { url } = await serve((_request, response) => response.end('{"a":1}'));
    const proxy = await createProxyServer('user', 'word');
    closing.push(() => proxy.close());
    const http_proxy = `http://user:word@127.0.0.1:${proxy.port}`;
    const through = createJsonHttp(createFiles(), { http_proxy });
    expect(await through.send(get(`${url}/a`), signal)).toMatchObject({ status: 200, json: { a: 1 } });
    const around = createJsonHttp(createFiles(), { http_proxy, no_proxy: '127.0.0.1' });
    expect(await around.send(get(`${url}/b`), signal)).toMatchObject({ status: 200 });
    expect(proxy.asked).toEqual([`GET ${url}/a`]);
  });
});
