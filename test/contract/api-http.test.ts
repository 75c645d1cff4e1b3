import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, createLatch, small, startTestApi, TEST_TOKEN, type TestApi } from '../kit/api.ts';
import { rawExchange, rawRequest } from '../kit/raw-http.ts';

let api: TestApi;
beforeAll(async () => {
  const echo = small('echo', { kind: 'sync' }, async (params) => params);
  api = await startTestApi({ commands: [echo], extensions: ['test'], ports: { latch: createLatch(), ran: [] } });
});
afterAll(() => api.server.close());

const BODY = '{"name":"test.echo","params":{}}';
const POST = `POST /v1/commands/?agent_token=${TEST_TOKEN} HTTP/1.1`;
const send = (lines: readonly string[], body?: string) => rawExchange(api.server.port, rawRequest(lines, body));
const own = () => `http://127.0.0.1:${api.server.port}`;

describe('requests on the wire (protocol.md 7.1)', () => {
  it('a chunked body', async () => {
    const body = `5\r\n${BODY.slice(0, 5)}\r\n${(BODY.length - 5).toString(16)}\r\n${BODY.slice(5)}\r\n0\r\n\r\n`;
    expect(await send([POST, 'Host: a', 'Transfer-Encoding: chunked'], body)).toContain('"command_status":"SUCCEEDED"');
  });

  it.each(['100-continue', 'a-miracle'])('Expect: %s', async (expectation) => {
    const answer = await send([POST, 'Host: a', `Expect: ${expectation}`, `Content-Length: ${BODY.length}`], BODY);
    expect(answer).toContain('HTTP/1.1 200 OK');
    expect(answer).toContain('"command_status":"SUCCEEDED"');
  });

  it('a malformed URL is refused without being repeated, and without delay', async () => {
    const started = performance.now();
    const answer = await send([`GET /%zz${'a-'.repeat(30_000)} HTTP/1.1`, 'Host: a']);
    expect(answer).toMatch(/^HTTP\/1.1 400 .*"faultstring":"400 Bad Request: the URL of the request is malformed"/s);
    expect(answer).not.toContain('a-a-');
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('long headers, as long as the reference takes them', async () => {
    const answer = await send(['GET /v1/status HTTP/1.1', 'Host: a', `X-Long: ${'h'.repeat(50_000)}`]);
    expect(answer).toMatch(/^HTTP\/1.1 200 OK/);
  });

  it('the whole address, as proxies write it', async () => {
    expect(await send(['GET http://proxied:1/v1/status HTTP/1.1', 'Host: a'])).toMatch(/^HTTP\/1.1 200 OK/);
    expect(await send(['GET http://proxied HTTP/1.1', 'Host: a'])).toContain('"default_version"');
    const moved = await send([`GET http://proxied:1/v1?x=1 HTTP/1.1`, 'Host: a']);
    expect(moved).toContain('location: http://a/v1/?x=1');
  });

  it.each(['HTTP/1.0', 'HTTP/1.1'])('%s without Host', async (version) => {
    expect(await send([`GET / ${version}`])).toContain(`"href":"${own()}/v1"`);
  });

  it.each(['a"><script>', 'user@evil', 'a/b', 'a b', 'a:99999999', '', 'h'.repeat(300), '[::1', '\xe9'])(
    'no links from the host %j',
    async (host) => {
      expect(await send(['GET /v1/ HTTP/1.1', `Host: ${host}`])).toContain(`"href":"${own()}/v1"`);
      expect(await send(['GET /v1 HTTP/1.1', `Host: ${host}`])).toContain(`location: ${own()}/v1/\r\n`);
    },
  );

  it.each(['node-7.example:9999', '[fd00::7]:9999', '192.0.2.7', 'node_7', '[fe80::1%25eth0]:1'])(
    'links from the host %s',
    async (host) => {
      expect(await send(['GET /v1/ HTTP/1.1', `Host: ${host}`])).toContain(`"href":"http://${host}/v1"`);
    },
  );

  it.each(['/v1?a=\xff\xe9', '/v1?a=\x01', '/\x7f'])('%j is a fault, not a broken redirect', async (target) => {
    expect(await send([`GET ${target} HTTP/1.1`, 'Host: a'])).toMatch(
      /^HTTP\/1.1 400 .*"faultstring":"400 Bad Request: /s,
    );
  });

  it.each(['TRACE', 'PROPFIND', 'PATCH', 'PUT'])('%s is told what is allowed', async (method) => {
    const answer = await send([`${method} /v1/status HTTP/1.1`, 'Host: a']);
    expect(answer).toMatch(/^HTTP\/1.1 405 /);
    expect(answer).toContain('allow: GET, HEAD, OPTIONS\r\n');
  });

  it('several requests in one go are answered in order', async () => {
    const one = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
    const text = `${one('/v1/status')}${one('/nowhere')}${one('/v1')}${rawRequest(['GET /v1/ HTTP/1.1', 'Host: a'])}`;
    const answers = await rawExchange(api.server.port, text);
    expect([...answers.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status)).toEqual([
      '200',
      '404',
      '308',
      '200',
    ]);
  });

  it('keeps the connection for ten seconds', async () => {
    const socket = connect(api.server.port, '127.0.0.1');
    socket.write('GET /v1/status HTTP/1.1\r\nHost: a\r\n\r\n');
    const head = await new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())));
    socket.destroy();
    expect(head).toContain('Keep-Alive: timeout=10');
  });

  it('one that sends byte by byte and one that sends nothing do not hold up the others', async () => {
    const idle = Array.from({ length: 50 }, () => connect(api.server.port, '127.0.0.1'));
    const slow = connect(api.server.port, '127.0.0.1');
    slow.write(`${POST}\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{`);
    const drip = setInterval(() => slow.write(' '), 5);
    const started = performance.now();
    const status = await Promise.all(Array.from({ length: 20 }, () => ask(`${api.base}/v1/status`)));
    const posted = await api.post('test.echo');
    clearInterval(drip);
    for (const socket of [slow, ...idle]) socket.destroy();
    expect(status.map((one) => one.status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(posted.body.command_status).toBe('SUCCEEDED');
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
