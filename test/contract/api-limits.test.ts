import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { MiB } from '../../src/core/index.ts';
import { createLatch, small, startTestApi, TEST_TOKEN, type TestApi } from '../kit/api.ts';

let api: TestApi | null = null;
afterEach(() => api?.server.close());

const DRIVE = 'SGVsbG8g'.repeat((32 * MiB) / 8);

describe('large bodies', () => {
  it('a deploy step with three config drives is accepted and leaves no trace of them (check 23)', async () => {
    const seen: unknown[] = [];
    const take = small('take', { kind: 'async' }, async (params) => {
      seen.push(params);
      return { deploy_result: null, deploy_step: params.step };
    });
    api = await startTestApi({ commands: [take], extensions: ['test'], ports: { latch: createLatch(), ran: [] } });
    const step = {
      step: 'write_image',
      interface: 'deploy',
      args: { configdrive: DRIVE, image_info: { configdrive: DRIVE } },
    };
    const params = { step, node: { instance_info: { configdrive: DRIVE }, name: 'n' } };
    const { status, body } = await api.post('test.take', params, 'wait=true');
    expect([status, body.command_status]).toEqual([200, 'SUCCEEDED']);
    expect(JSON.stringify(body).length).toBeLessThan(1000);
    expect(body.command_result.deploy_step.args).toEqual({
      configdrive: '<...>',
      image_info: { configdrive: '<...>' },
    });
    expect(seen).toEqual([params]);
    const log = api.logLines.join('');
    expect(log).not.toContain('SGVsbG8g');
    expect(log).not.toContain(TEST_TOKEN);
  });

  it('what is larger than any deployment is refused while it is still being sent', async () => {
    api = await startTestApi({ commands: [], extensions: [], ports: {} });
    const chunk = Buffer.alloc(MiB, 0x20);
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (sent === 20) return controller.close();
        sent += 1;
        controller.enqueue(chunk);
      },
    });
    const url = `${api.base}/v1/commands/?agent_token=${TEST_TOKEN}`;
    const answer = await fetch(url, { method: 'POST', body, duplex: 'half' });
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ faultcode: 'Client', faultstring: expect.stringContaining('413') });
  });

  it('an announced size beyond the limit is refused at once', async () => {
    api = await startTestApi({ commands: [], extensions: [], ports: {} });
    const text = await raw(api.server.port, [
      `POST /v1/commands/?agent_token=${TEST_TOKEN} HTTP/1.1`,
      'Host: a',
      `Content-Length: ${1000 * MiB}`,
      '',
      '{',
    ]);
    expect(text).toMatch(/^HTTP\/1.1 413 /);
  });
});

function raw(port: number, lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(lines.join('\r\n')));
    socket.once('data', (data) => {
      resolve(data.toString());
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

describe('the connection', () => {
  it('malformed HTTP gets a fault', async () => {
    api = await startTestApi({ commands: [], extensions: [], ports: {} });
    const text = await raw(api.server.port, ['nonsense', '', '']);
    expect(text).toMatch(/^HTTP\/1.1 400 Bad Request/);
    expect(JSON.parse(text.slice(text.indexOf('{'))).faultstring).toMatch(/^400 Bad Request: /);
  });

  it('a client that leaves while it waits or sends is no fault of the agent', async () => {
    const latch = createLatch();
    const held = small('held', { kind: 'sync' }, () => latch.opened);
    const later = small('later', { kind: 'async' }, async () => null);
    api = await startTestApi({ commands: [held, later], extensions: ['test'], ports: { latch, ran: [] } });
    const first = api.post('test.held');
    await expect.poll(() => api?.hub.snapshot().command?.name).toBe('test.held');
    const abort = new AbortController();
    const url = `${api.base}/v1/commands/?agent_token=${TEST_TOKEN}`;
    const waiting = fetch(url, { method: 'POST', body: '{"name":"test.later","params":{}}', signal: abort.signal });
    const sending = connect(api.server.port, '127.0.0.1');
    sending.write(`POST ${url.slice(api.base.length)} HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n{"name"`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    abort.abort();
    sending.destroy();
    await waiting.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 100));
    latch.open();
    await first;
    await expect.poll(() => api?.logLines.filter((line) => line.includes('api.client.gone')).length).toBe(2);
    expect(api.logLines.join('')).not.toContain('api.fault');
    expect((await api.get('/v1/commands/')).body.commands.length).toBe(1);
  });

  it('a request without Host still gets links', async () => {
    api = await startTestApi({ commands: [], extensions: [], ports: {} });
    const text = await raw(api.server.port, ['GET / HTTP/1.0', '', '']);
    expect(text).toContain(`http://127.0.0.1:${api.server.port}/v1`);
  });

  it('closing lets answers under way finish and refuses new connections', async () => {
    const latch = createLatch();
    const held = small('held', { kind: 'sync' }, () => latch.opened.then(() => 'late'));
    api = await startTestApi({ commands: [held], extensions: ['test'], ports: { latch, ran: [] } });
    const answer = api.post('test.held');
    await expect.poll(() => api?.hub.snapshot().command?.name).toBe('test.held');
    const closed = api.server.close();
    await expect
      .poll(() => raw(api?.server.port ?? 0, ['GET / HTTP/1.0', '', '']).catch(() => 'refused'))
      .toBe('refused');
    latch.open();
    expect((await answer).body.command_result).toEqual({ result: 'late' });
    const started = performance.now();
    await closed;
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('closing does not wait for an answer for ever', async () => {
    const never = small('never', { kind: 'sync' }, () => new Promise(() => undefined));
    api = await startTestApi({ commands: [never], extensions: ['test'], ports: { latch: createLatch(), ran: [] } });
    const answer = api.post('test.never').catch(() => 'cut');
    await expect.poll(() => api?.hub.snapshot().command?.name).toBe('test.never');
    const started = performance.now();
    await api.server.close();
    expect(performance.now() - started).toBeLessThan(4000);
    expect(await answer).toBe('cut');
  });

  it('a taken port is an error, not a crash', async () => {
    api = await startTestApi({ commands: [], extensions: [], ports: {} });
    const { port } = api.server;
    const { startApi } = await import('../../src/api/index.ts');
    const { silentLog, createSecrets } = await import('../../src/core/index.ts');
    const { recentLines } = await import('../../src/system/index.ts');
    const again = startApi({
      host: '127.0.0.1',
      port,
      tls: null,
      gate: { allows: () => false },
      commands: [],
      jobs: api.jobs,
      hub: api.hub,
      metrics: { answered: () => undefined },
      metricsPage: null,
      recentLog: recentLines(createSecrets()),
      relieve: () => undefined,
      clock: { monotonic: () => 0 },
      log: silentLog,
      secrets: createSecrets(),
    });
    await expect(again).rejects.toThrow(/EADDRINUSE/);
  });
});
