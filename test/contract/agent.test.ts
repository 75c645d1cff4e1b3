import { request } from 'node:https';
import { afterEach, describe, expect, it } from 'vitest';
import { type AgentProcess, startAgent } from '../kit/agent-process.ts';
import { fault, NODE_UUID, type ScriptedConductor, startConductor, TOKEN } from '../kit/scripted-conductor.ts';

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function conductorOf(options: Parameters<typeof startConductor>[0]): Promise<ScriptedConductor> {
  const conductor = await startConductor(options);
  open.push(conductor);
  return conductor;
}

async function agentOf(flags: readonly string[]): Promise<AgentProcess> {
  const agent = await startAgent(['--lookup_interval', '0', '--disk_wait_attempts', '0', ...flags]);
  open.push({ close: () => agent.stop() });
  return agent;
}

/** A request that trusts nothing but `ca`, as the conductor does. */
function get(port: number, path: string, ca: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path, ca }, (answer) => {
      let body = '';
      answer.on('data', (chunk) => {
        body += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

const bodyOf = (seen: { readonly body: unknown }) => Object(seen.body);

describe('the agent as a process', () => {
  it('looks up, heartbeats over automatic TLS with the certificate it serves, and keeps the token to itself', async () => {
    const conductor = await conductorOf({ version: '1.96' });
    const agent = await agentOf(['--api_url', conductor.url, '--debug']);
    const beat = await conductor.nth('heartbeat', 1);
    expect(beat.path).toBe(`/v1/heartbeat/${NODE_UUID}`);
    expect(bodyOf(beat)).toMatchObject({
      agent_token: TOKEN,
      callback_url: `https://127.0.0.1:${agent.port}`,
      agent_version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      agent_verify_ca: expect.stringContaining('BEGIN CERTIFICATE'),
    });
    const ca = String(bodyOf(beat).agent_verify_ca);
    const status = await get(agent.port, '/v1/status', ca);
    expect(JSON.parse(status.body)).toMatchObject({ version: expect.any(String), started_at: expect.any(Number) });
    expect((await get(agent.port, '/v1/commands/', ca)).status).toBe(401);
    expect((await get(agent.port, `/v1/commands/?agent_token=${TOKEN}`, ca)).status).toBe(200);
    expect(agent.output()).not.toContain(TOKEN);
    expect(await agent.stop()).toBe(0);
  });

  it('waits for a conductor that is absent at boot and goes on when it appears', async () => {
    const first = await startConductor();
    const { port } = first;
    await first.close();
    const agent = await agentOf(['--api_url', `http://127.0.0.1:${port}`, '--lookup_timeout', '2']);
    await agent.sees(/boot\.phase\.failed/);
    const conductor = await conductorOf({ port });
    expect((await conductor.nth('heartbeat', 1)).path).toContain(NODE_UUID);
  });

  it('posts the inventory first and looks up with the UUID it got back', async () => {
    const conductor = await conductorOf({ version: '1.90' });
    await agentOf([
      ...['--api_url', conductor.url, '--inspection_collectors', 'default'],
      ...['--inspection_callback_url', `${conductor.url}/v1/continue_inspection`],
    ]);
    const { body } = await conductor.nth('inspection', 1);
    expect(body).toMatchObject({ error: null, inventory: { interfaces: expect.any(Array), cpu: expect.any(Object) } });
    expect((await conductor.nth('lookup', 1)).query.get('node_uuid')).toBe(NODE_UUID);
  });

  it('looks up although the inspection callback refuses the inventory', async () => {
    const conductor = await conductorOf({ version: '1.90' });
    conductor.script('inspection', fault(404, 'no such node'));
    await agentOf(['--api_url', conductor.url, '--inspection_collectors', 'default']);
    expect((await conductor.nth('lookup', 1)).query.has('node_uuid')).toBe(false);
  });

  it('serves the API at once without a conductor, and refuses every protected call', async () => {
    const agent = await agentOf([]);
    await agent.sees(/api\.listening/);
    const answer = await fetch(`http://127.0.0.1:${agent.port}/v1/commands/`);
    expect(answer.status).toBe(401);
    await agent.sees(/error.*agent\.no_conductor.*neither api_url nor inspection_callback_url is set/i, 90_000);
  }, 120_000);

  it('says after an inspection that there is nobody to look up at', async () => {
    const conductor = await conductorOf({});
    const agent = await agentOf(['--inspection_callback_url', `${conductor.url}/v1/continue`]);
    await agent.sees(/info.*agent\.no_conductor.*api_url is not set/i, 150_000);
    expect(conductor.seen('lookup')).toEqual([]);
    expect(conductor.seen('heartbeat')).toEqual([]);
  }, 180_000);

  it('names option, origin, value and what is allowed when a value is bad, and exits 2', async () => {
    const agent = await agentOf(['--lookup_timeout', 'soon']);
    await agent.sees(/lookup_timeout.*soon/);
    expect(await agent.ended()).toBe(2);
  });
});
