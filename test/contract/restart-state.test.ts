import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { certificateOf } from '../kit/conductor-call.ts';
import { livesOf, maskTheToken, nextHeartbeat, silentServer, waitingCommand } from '../kit/restart-kit.ts';
import { fault, lookupDocument, NODE_UUID, startConductor, TOKEN } from '../kit/scripted-conductor.ts';

/** A first life that has served, looked up at `lookup_timeout` 1 s so that a second one need not wait long. */
async function afterFirstLife() {
  const lives = await livesOf(['--lookup_timeout', '1']);
  const first = await lives.start();
  const before = await lives.conductor.nth('heartbeat', 1);
  const runDir = join(lives.place.home, 'run');
  return { lives, first, before, runDir };
}

describe('a restarted agent and its conductor', () => {
  it('goes on without a lookup when the conductor does not answer it any more', async () => {
    const { lives, first, before } = await afterFirstLife();
    await first.kill();
    lives.conductor.script('lookup', fault(404, 'Node is not in a wait state'));
    const next = nextHeartbeat(lives);
    const second = await lives.start();
    expect((await next).body).toEqual(before.body);
    expect(second.output()).toContain('lookup.remembered');
  });

  it('serves over the same certificate while the conductor is away, and is known when it is back', async () => {
    const { lives, first, before } = await afterFirstLife();
    await first.kill();
    await lives.conductor.close();
    const second = await lives.start();
    await second.sees(/api\.listening.*tls=true/);
    expect((await lives.call('GET')).status).toBe(200);
    expect((await lives.call('GET', undefined, '')).status).toBe(401);
    const back = await startConductor({ port: lives.conductor.port, version: '1.96' });
    expect((await back.nth('heartbeat', 1)).body).toEqual(before.body);
    await second.stop();
    await back.close();
  });

  it('takes a new token when the conductor has one for it', async () => {
    const { lives, first } = await afterFirstLife();
    await first.kill();
    const fresh = 'a-new-token-of-the-conductor-0123456789-abc';
    lives.conductor.script('lookup', { status: 200, json: lookupDocument({ agent_token: fresh }) });
    const next = nextHeartbeat(lives);
    const second = await lives.start();
    expect(Object((await next).body).agent_token).toBe(fresh);
    expect((await lives.call('GET', undefined, fresh)).status).toBe(200);
    expect((await lives.call('GET', undefined, TOKEN)).status).toBe(401);
    expect(second.output()).not.toContain(fresh);
  });

  it('drops what was done for a node that it is no longer', async () => {
    const { lives, first, runDir } = await afterFirstLife();
    await lives.call('POST', { name: 'clean.get_clean_steps', params: { node: {}, ports: [] } });
    expect((await lives.call('GET')).body.commands).toHaveLength(1);
    await first.kill();
    const state = join(runDir, 'state.json');
    const written = '"written":{"disk":"/dev/sda","uuids":{}}';
    writeFileSync(state, readFileSync(state, 'utf8').replace('"written":null', written));
    const { node, config } = lookupDocument();
    const other = '0d0a3c6e-0000-4000-8000-000000000002';
    lives.conductor.script('lookup', { status: 200, json: { node: { ...node, uuid: other }, config } });
    for (const life of ['second', 'third']) {
      const next = nextHeartbeat(lives);
      const agent = await lives.start();
      expect((await next).path, life).toBe(`/v1/heartbeat/${other}`);
      expect((await lives.call('GET')).body, life).toEqual({ commands: [] });
      const told = new RegExp(`memory\\.other_node.*${NODE_UUID}.*${other}.*forgotten=1`);
      expect(told.test(agent.output()), life).toBe(life === 'second');
      expect(readFileSync(state, 'utf8')).toContain('"written":null');
      await agent.kill();
    }
  });

  it('makes a new certificate for another address, and says that it will be refused', async () => {
    const { lives, first, before } = await afterFirstLife();
    await first.kill();
    maskTheToken(lives);
    const next = nextHeartbeat(lives);
    const second = await lives.start(['--advertise_host', '127.0.0.2']);
    const after = await next;
    expect(Object(after.body).callback_url).toBe(`https://127.0.0.2:${lives.place.port}`);
    expect(certificateOf(after)).not.toBe(certificateOf(before));
    expect(second.output()).toMatch(/certificate\.replaced.*it is not for 127\.0\.0\.2.*refuses heartbeats/);
  });
});

describe('the runtime directory', () => {
  it('is for root alone, holds no secret outside token and key, and no config drive', async () => {
    const { lives, runDir } = await afterFirstLife();
    const { url } = await silentServer();
    const node = { uuid: 'n', instance_info: { configdrive: 'H4sIconfigdrive', root_device: { wwn: '0x5' } } };
    await lives.call('POST', { name: 'deploy.get_deploy_steps', params: { node, ports: [] } });
    const step = { interface: 'deploy', step: 'write_image', args: waitingCommand(url).params };
    await lives.call('POST', { name: 'deploy.execute_deploy_step', params: { step, node, ports: [] } });
    expect(statSync(runDir).mode & 0o777).toBe(0o700);
    const names = readdirSync(runDir).sort();
    expect(names).toEqual(['agent.crt', 'agent.key', 'commands.json', 'state.json', 'token.json']);
    const text = (name: string) => readFileSync(join(runDir, name), 'utf8');
    for (const name of names.filter((one) => one !== 'agent.crt'))
      expect(statSync(join(runDir, name)).mode & 0o777).toBe(0o600);
    for (const name of ['commands.json', 'state.json']) {
      expect(text(name)).not.toContain(TOKEN);
      expect(text(name)).not.toContain('H4sIconfigdrive');
    }
    expect(text('state.json')).toContain('0x5');
    expect(text('commands.json')).toContain('write_image');
  });

  it.each<readonly [string, (text: string) => string]>([
    ['cut short', (text) => text.slice(0, text.length / 2)],
    ['empty', () => ''],
    ['something else', () => '{"format":1,"boot":7}'],
    ['bytes', () => '\0\xff\xfe'.repeat(1000)],
    ['of another boot', (text) => text.replace(/"boot":"[^"]*"/, '"boot":"0b5c"')],
    ['of a later format', (text) => text.replace('"format":1', '"format":9')],
  ])('whose files are %s costs the memory, not the agent', async (_what, spoil) => {
    const { lives, first, runDir } = await afterFirstLife();
    await lives.call('POST', { name: 'clean.get_clean_steps', params: { node: {}, ports: [] } });
    await first.kill();
    for (const name of readdirSync(runDir).filter((one) => one.endsWith('.json')))
      writeFileSync(join(runDir, name), spoil(readFileSync(join(runDir, name), 'utf8')));
    const next = nextHeartbeat(lives);
    const second = await lives.start();
    expect(Object((await next).body).agent_token).toBe(TOKEN);
    expect((await lives.call('GET')).body).toEqual({ commands: [] });
    expect(second.output().match(/memory\.ignored/g)).toHaveLength(3);
    expect(second.output()).not.toContain(TOKEN);
  });
});
