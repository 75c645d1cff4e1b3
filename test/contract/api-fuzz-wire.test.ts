import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentApi, startAgentApi } from '../kit/agent-api.ts';
import { ask, TEST_TOKEN } from '../kit/api.ts';
import { rawExchange, rawRequest } from '../kit/raw-http.ts';

let api: AgentApi;
beforeAll(async () => {
  api = await startAgentApi();
});
afterAll(() => api.server.close());

const statusesOf = (answer: string) => [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

/** Whatever came before, the next client is served. */
const assertAlive = async () => expect((await ask(`${api.base}/v1/status`)).status).toBe(200);

async function exchange(text: string): Promise<string> {
  const answer = await rawExchange(api.server.port, text).catch(() => '');
  for (const status of statusesOf(answer)) expect(status).toBeLessThan(500);
  expect(answer.includes('node_modules') || answer.includes('    at ')).toBe(false);
  return answer;
}

const latin1 = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
const bytes = fc.string({ unit: latin1, maxLength: 60 });
const token = fc.string({ unit: fc.constantFrom(...'abcdefXYZ-_.:; \t'), minLength: 1, maxLength: 12 });
const known = fc.constantFrom(
  'Host',
  'Content-Type',
  'Accept',
  'Expect',
  'Connection',
  'X-Forwarded-For',
  'Range',
  'Cookie',
);
const header = fc.tuple(fc.oneof(known, token), bytes).map(([name, value]) => `${name}: ${value}`);
const path = fc.oneof(
  fc.webPath(),
  fc.constantFrom('/v1/commands/', '/v1/commands', '/commands/', '/status', '/v1/commands/x', '/v1/openapi.json', '*'),
  fc.string({ maxLength: 30 }).map((text) => `/${encodeURI(text.replaceAll(/[\uD800-\uDFFF]/g, ''))}`),
  bytes,
);
const query = fc.dictionary(
  fc.constantFrom('wait', 'wait_timeout', 'agent_token', 'x', '__proto__'),
  fc.string({ maxLength: 10 }),
  {
    maxKeys: 3,
  },
);
const method = fc.constantFrom('GET', 'HEAD', 'POST', 'DELETE', 'PUT', 'OPTIONS', 'TRACE', 'LINK', 'FOO', 'get');

describe('the wire', () => {
  it('random bytes', async () => {
    // A line end at the end, or the server would rightly wait for more.
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: latin1, minLength: 1, maxLength: 200 }), async (text) => {
        await exchange(`${text} \r\n\r\n${rawRequest(['GET / HTTP/1.0'])}`);
      }),
      { numRuns: 100 },
    );
    await assertAlive();
  });

  it('random headers', async () => {
    await fc.assert(
      fc.asyncProperty(method, fc.array(header, { maxLength: 5 }), async (verb, headers) => {
        await exchange(
          rawRequest([`${verb} /v1/status HTTP/1.1`, ...headers.filter((one) => !/^connection/i.test(one))]),
        );
      }),
      { numRuns: 100 },
    );
    await assertAlive();
  });

  it('random methods, paths and queries, with the right token', async () => {
    await fc.assert(
      fc.asyncProperty(method, path, query, async (verb, target, given) => {
        const search = new URLSearchParams({ agent_token: TEST_TOKEN, ...given });
        await exchange(rawRequest([`${verb} ${target}?${search} HTTP/1.1`, 'Host: a']));
      }),
      { numRuns: 150 },
    );
    await assertAlive();
  });

  it('random chunking of a body', async () => {
    const body = '{"name":"standby.get_partition_uuids","params":{"é":"\\u00e9","long":"'.concat(
      'x'.repeat(300),
      '"}}',
    );
    const whole = Buffer.from(body);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: whole.length }), { maxLength: 8 }), async (cuts) => {
        const points = [0, ...cuts.sort((a, b) => a - b), whole.length];
        const parts = points.slice(1).map((end, at) => whole.subarray(points[at], end).toString('latin1'));
        const chunks = parts.filter((part) => part !== '').map((part) => `${part.length.toString(16)}\r\n${part}\r\n`);
        const lines = [
          `POST /v1/commands/?agent_token=${TEST_TOKEN} HTTP/1.1`,
          'Host: a',
          'Transfer-Encoding: chunked',
        ];
        const answer = await exchange(rawRequest(lines, `${chunks.join('')}0\r\n\r\n`));
        expect(statusesOf(answer)).toEqual([200]);
      }),
      { numRuns: 50 },
    );
  });

  it('clients that leave in the middle', async () => {
    const request = `POST /v1/commands/?agent_token=${TEST_TOKEN} HTTP/1.1\r\nHost: a\r\nContent-Length: 60\r\n\r\n{"name":"standby.sync"`;
    for (let length = 1; length < request.length; length += 7) {
      const socket = connect(api.server.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(request.slice(0, length), () => (length % 2 === 0 ? socket.destroy() : socket.end()));
    }
    await assertAlive();
    expect((await api.get('/v1/commands/')).status).toBe(200);
  });

  it('the log holds no token, whatever was asked', () => {
    expect(api.logLines.length).toBeGreaterThan(100);
    expect(api.logLines.join('').includes(TEST_TOKEN)).toBe(false);
  });
});
