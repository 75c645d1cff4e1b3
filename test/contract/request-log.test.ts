import { afterEach, describe, expect, it } from 'vitest';
import { createSecrets } from '../../src/core/index.ts';
import { createJsonHttp, createLog, loggedHttp, systemClock } from '../../src/system/index.ts';
import { ask, createLatch, small, startTestApi, TEST_TOKEN, type TestApi } from '../kit/api.ts';
import { memoryFiles } from '../kit/memory-files.ts';
import { deadUrl, startConductor } from '../kit/scripted-conductor.ts';

interface Line {
  readonly level: number;
  readonly event: string;
  readonly path?: string;
  readonly url?: string;
  readonly heldBack?: number;
}
const parsed = (lines: readonly string[]): Line[] => lines.map((line) => JSON.parse(line));

describe('the log of requests to the agent', () => {
  let api: TestApi;
  afterEach(() => api.server.close());
  const start = async () => {
    const echo = small('echo', { kind: 'sync' }, async () => 'done');
    api = await startTestApi({ commands: [echo], extensions: ['test'], ports: { latch: createLatch(), ran: [] } });
  };
  const requests = () => parsed(api.logLines).filter(({ event }) => event === 'api.request');

  it('has one event per request: polls at debug, commands and refusals at info, without any query', async () => {
    await start();
    await api.get('/v1/commands/');
    await api.post('test.echo', { a: 1 });
    await ask(`${api.base}/v1/commands/?agent_token=wrong-wrong-wrong`);
    await ask(`${api.base}/v1/commands?agent_token=${TEST_TOKEN}`);
    await ask(`${api.base}/nothing/here?x=y`);
    await expect.poll(requests).toHaveLength(5);
    const from = '127.0.0.1';
    const ms = expect.any(Number);
    const body = Buffer.byteLength(JSON.stringify({ name: 'test.echo', params: { a: 1 } }));
    const row = (level: number, method: string, path: string, status: number) =>
      expect.objectContaining({ level, event: 'api.request', method, path, status, from, ms });
    expect(requests()).toEqual([
      row(20, 'GET', '/v1/commands/', 200),
      row(30, 'POST', '/v1/commands/', 200),
      row(30, 'GET', '/v1/commands/', 401),
      row(20, 'GET', '/v1/commands', 308),
      row(30, 'GET', '/nothing/here', 404),
    ]);
    expect(requests()[1]).toMatchObject({ bytesIn: body, bytesOut: expect.any(Number) });
    expect(api.logLines.join('')).not.toMatch(/wrong-wrong|x=y|agent_token/);
    expect(api.logLines.join('')).not.toContain(TEST_TOKEN);
  });

  it('is not filled by a stranger who knocks again and again', async () => {
    await start();
    for (let n = 0; n < 150; n += 1) await ask(`${api.base}/v1/commands/`);
    expect(requests().length).toBeLessThanOrEqual(60);
  });
});

describe('the log of requests to the control plane', () => {
  it('names method, address without query, status and time, and what went wrong', async () => {
    const lines: string[] = [];
    const log = createLog({
      debug: true,
      format: 'json',
      secrets: createSecrets(),
      destination: { write: (line) => void lines.push(line) },
    });
    const http = loggedHttp(createJsonHttp(memoryFiles({})), systemClock, log);
    const conductor = await startConductor();
    const dead = await deadUrl();
    const tls = {
      cafile: null,
      certfile: null,
      keyfile: null,
      insecure: false,
      minVersion: '1.2',
      ciphers: null,
    } as const;
    const signal = AbortSignal.timeout(20_000);
    const rest = {
      headers: { 'X-Token': 'header-secret-1' },
      body: { agent_token: 'body-secret-1' },
      timeoutMs: 5000,
      tls,
    };
    await http.send(
      { method: 'POST', url: `${conductor.url}/v1/heartbeat/x?agent_token=query-secret-1`, ...rest },
      signal,
    );
    await expect(http.send({ method: 'POST', url: `${dead}/v1/heartbeat/x`, ...rest }, signal)).rejects.toThrow();
    const gone = AbortSignal.abort(new Error('ended'));
    await expect(http.send({ method: 'POST', url: `${dead}/`, ...rest }, gone)).rejects.toThrow('ended');
    await conductor.close();
    expect(parsed(lines)).toEqual([
      expect.objectContaining({
        level: 20,
        event: 'http.request',
        method: 'POST',
        url: `${conductor.url}/v1/heartbeat/x`,
        status: 202,
        ms: expect.any(Number),
      }),
      expect.objectContaining({ url: `${dead}/v1/heartbeat/x`, status: null, why: expect.stringContaining('refused') }),
    ]);
    expect(lines.join('')).not.toMatch(/secret-1/);
  });
});
