import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTokenGate } from '../../src/ironic/index.ts';
import { createPrometheus } from '../../src/runtime/index.ts';
import { systemClock } from '../../src/system/index.ts';
import { startAgent } from '../kit/agent-process.ts';
import { ask, createLatch, small, startTestApi, strictGate, TEST_TOKEN } from '../kit/api.ts';
import { lookupDocument, startConductor, TOKEN } from '../kit/scripted-conductor.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

describe('timers to statsd', () => {
  let server: Socket;
  let port = 0;
  const seen: string[] = [];
  beforeEach(async () => {
    seen.length = 0;
    server = createSocket('udp4', (message) => void seen.push(String(message)));
    server.bind(0, '127.0.0.1');
    await once(server, 'listening');
    port = server.address().port;
    ends.push(() => server.close());
  });
  const agentOf = async (flags: readonly string[]) => {
    const agent = await startAgent(['--disk_wait_attempts', '0', '--noenable_auto_tls', ...flags]);
    ends.push(() => agent.stop());
    return agent;
  };
  const SAMPLE = /^dc1\.ironic_python_agent\.api\.app\.get_status:\d+(\.\d{1,3})?\|ms$/;

  it('go out when options say so', async () => {
    const statsd = ['--metrics_statsd-statsd_host', 'localhost', '--metrics_statsd-statsd_port', String(port)];
    const agent = await agentOf(['--metrics-backend', 'statsd', '--metrics-global_prefix', 'dc1', ...statsd]);
    await agent.sees(/api\.listening/);
    for (let n = 0; n < 3; n += 1) await ask(`http://127.0.0.1:${agent.port}/v1/status`);
    await ask(`http://127.0.0.1:${agent.port}/v1/commands/`);
    await expect.poll(() => seen.length, { timeout: 10_000 }).toBe(3);
    expect(seen.every((sample) => SAMPLE.test(sample))).toBe(true);
  });

  it('go out when the conductor says so at lookup; what it says wrong is a warning', async () => {
    const conductor = await startConductor();
    ends.push(() => conductor.close());
    const config = {
      metrics: { backend: 'statsd', prepend_host: false, prepend_uuid: false, global_prefix: 'dc1', colour: 'blue' },
      metrics_statsd: { statsd_host: '127.0.0.1', statsd_port: port, statsd_protocol: 'tcp' },
    };
    conductor.script('lookup', { status: 200, json: lookupDocument(config) });
    const agent = await agentOf(['--api_url', conductor.url]);
    await conductor.nth('heartbeat', 1);
    await ask(`http://127.0.0.1:${agent.port}/v1/status`);
    const url = `http://127.0.0.1:${agent.port}/v1/commands/?agent_token=${TOKEN}`;
    await ask(url, { method: 'POST', body: '{"name":"standby.get_partition_uuids","params":{}}' });
    await expect.poll(() => seen.length, { timeout: 10_000 }).toBe(2);
    expect(seen[0]).toMatch(SAMPLE);
    expect(seen[1]).toMatch(/^dc1\.ironic_python_agent\.api\.app\.run_command:/);
    expect(agent.output()).toMatch(/metrics\.colour is not known/);
    expect(agent.output()).toMatch(/metrics_statsd\.statsd_protocol is not known/);
  });

  it('a metrics key of a wrong type changes nothing and is a warning', async () => {
    const conductor = await startConductor();
    ends.push(() => conductor.close());
    const config = { metrics: { backend: 'graphite' }, metrics_statsd: 'localhost:8125' };
    conductor.script('lookup', { status: 200, json: lookupDocument(config) });
    const agent = await agentOf(['--api_url', conductor.url]);
    await conductor.nth('heartbeat', 1);
    expect(agent.output()).toMatch(/metrics\.backend is ignored/);
    expect(agent.output()).toMatch(/metrics_statsd is ignored/);
    expect((await ask(`http://127.0.0.1:${agent.port}/v1/status`)).status).toBe(200);
  });
});

describe('the page for Prometheus', () => {
  const start = async (enabled: boolean, gate = strictGate) => {
    const echo = small('echo', { kind: 'sync' }, async () => 'done');
    const ports = { latch: createLatch(), ran: [] };
    const prometheus = enabled ? await createPrometheus({ version: '12.1.0', clock: systemClock }) : null;
    const api = await startTestApi({
      ...{ commands: [echo], extensions: ['test'], ports, gate },
      ...(prometheus === null ? {} : { prometheus }),
    });
    ends.push(() => api.server.close());
    return api;
  };

  it('is not there unless enabled', async () => {
    const api = await start(false);
    for (const path of ['/metrics', '/v1/metrics']) {
      expect((await ask(`${api.base}${path}`)).status).toBe(404);
      expect((await api.get(path)).status).toBe(404);
    }
  });

  it('is open at /metrics and needs the token at /v1/metrics, holds no secret, and answers GET and HEAD only', async () => {
    const api = await start(true);
    await api.post('test.echo', { password: 'secret-0123456789' });
    await ask(`${api.base}/v1/commands/secret-0123456789?agent_token=secret-0123456789`);
    const page = await ask(`${api.base}/metrics`);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(page.text).toContain(
      'ironic_agent_command_duration_seconds_count{command="test.echo",status="SUCCEEDED"} 1',
    );
    expect(page.text).toMatch(/api_requests_total\{route="\/v1\/commands\/:id",method="GET",status="401"\} 1/);
    expect(page.text).not.toMatch(/secret-0123456789/);
    expect(page.text).not.toContain(TEST_TOKEN);
    expect((await ask(`${api.base}/v1/metrics`)).status).toBe(401);
    expect((await api.get('/v1/metrics')).text).toContain('ironic_agent_build_info{version="12.1.0"} 1');
    expect((await ask(`${api.base}/metrics`, { method: 'HEAD' })).status).toBe(200);
    const refused = await ask(`${api.base}/metrics`, { method: 'POST' });
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
  });

  it('asked for with the token does not lock out an old conductor, which reads without one', async () => {
    const gate = createTokenGate({ token: () => TEST_TOKEN, policy: 'compat', apiVersion: () => null });
    const api = await start(true, gate);
    expect((await ask(`${api.base}/v1/metrics`)).status).toBe(401);
    expect((await api.get('/v1/metrics')).status).toBe(200);
    expect((await ask(`${api.base}/v1/commands/`)).status).toBe(200);
  });

  it('is served by the agent when the kernel line or a file asks for it, and knows the conductor', async () => {
    const conductor = await startConductor();
    ends.push(() => conductor.close());
    const flags = ['--metrics-prometheus', '--api_url', conductor.url, '--noenable_auto_tls'];
    const agent = await startAgent(['--disk_wait_attempts', '0', ...flags]);
    ends.push(() => agent.stop());
    await conductor.nth('heartbeat', 1);
    const page = async () => (await ask(`http://127.0.0.1:${agent.port}/metrics`)).text;
    await expect.poll(page).toMatch(/conductor_requests_total\{call="heartbeat",outcome="accepted"\} 1/);
    expect(await page()).toMatch(/conductor_requests_total\{call="lookup",outcome="accepted"\} 1/);
    expect(await page()).toMatch(/heartbeat_age_seconds \d/);
    expect(await page()).not.toContain(TOKEN);
  });
});
