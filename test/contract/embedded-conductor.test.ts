import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Type } from 'typebox';
import { afterEach, describe, expect, it } from 'vitest';
import { type Conductor, type ConductorSettings, ironicLimits, startConductor } from '../../lab/conductor/index.ts';
import { createTimeline, type LabEvent } from '../../lab/timeline/index.ts';
import { parse, silentLog } from '../../src/core/index.ts';
import { systemClock } from '../../src/system/index.ts';
import { type Answer, type Received, type ScriptedAgent, startScriptedAgent } from '../kit/scripted-agent.ts';

const UUID = '5f1e2ae5-7a0b-4b8e-9a55-2f0a8b0f3c11';
const MAC = '52:54:00:12:34:56';

interface Bench {
  readonly conductor: Conductor;
  readonly directory: string;
  readonly events: LabEvent[];
  readonly power: { on: boolean; line: string; history: string[] };
}

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function bench(settings: Partial<ConductorSettings> = {}, firmware: 'bios' | 'uefi' = 'uefi'): Promise<Bench> {
  const directory = mkdtempSync(join(tmpdir(), 'conductor-'));
  const events: LabEvent[] = [];
  const power = { on: false, line: '', history: [] as string[] };
  const conductor = await startConductor(
    {
      directory,
      host: '127.0.0.1',
      port: 0,
      apiVersion: 94,
      heartbeatTimeoutS: 300,
      fastTrack: false,
      disablePowerOff: false,
      cleanPriorities: { erase_devices: 0, erase_devices_metadata: 10 },
      collectors: ['default'],
      kernelArguments: 'console=ttyS0',
      callbackTimeoutMs: 10_000,
      limits: { ...ironicLimits, pollIntervalMs: 50 },
      ...settings,
    },
    {
      power: () => ({
        state: async () => (power.on ? 'on' : 'off'),
        off: async () => {
          power.on = false;
          power.history.push('off');
        },
        bootRamdisk: async (line) => {
          Object.assign(power, { on: true, line });
          power.history.push('ramdisk');
        },
        bootDisk: async () => {
          power.on = true;
          power.history.push('disk');
        },
      }),
      timeline: createTimeline((event) => events.push(event), Date.now),
      clock: { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 20, signal) },
      log: silentLog,
    },
  );
  conductor.enrol({
    uuid: UUID,
    name: 'server',
    macs: [MAC],
    firmware,
    properties: { root_device: { serial: 'DISK1' } },
    instance_info: { image_source: 'http://images/os.qcow2', image_disk_format: 'qcow2', image_type: 'whole-disk' },
    driver_info: { ipmi_password: 'very secret' },
    configdrive: 'H4sICONFIG',
  });
  cleanups.push(async () => {
    await conductor.stop();
    rmSync(directory, { recursive: true });
  });
  return { conductor, directory, events, power };
}

const versioned = (version: string) => ({ 'x-openstack-ironic-api-version': version });

const LookupAnswer = Type.Object({
  node: Type.Object({ uuid: Type.String(), driver_internal_info: Type.Record(Type.String(), Type.Unknown()) }),
  config: Type.Object({ agent_token: Type.String() }),
});
const ErrorAnswer = Type.Object({ error_message: Type.String() });
const FaultText = Type.Object({ faultstring: Type.String() });

async function call(b: Bench, path: string, init: RequestInit = {}) {
  const response = await fetch(`${b.conductor.apiUrl}${path}`, init);
  const text = await response.text();
  const body: unknown = text === '' ? null : JSON.parse(text);
  return { status: response.status, body, headers: response.headers };
}

const post = (b: Bench, path: string, body: unknown, version?: string) =>
  call(b, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(version === undefined ? {} : versioned(version)) },
    body: JSON.stringify(body),
  });

const fault = (body: unknown) => parse(FaultText, JSON.parse(parse(ErrorAnswer, body).error_message)).faultstring;
const document = (body: unknown) => parse(LookupAnswer, body);
const inventory = { inventory: { interfaces: [{ mac_address: MAC, name: 'eth0' }] }, root_disk: { name: '/dev/vda' } };

async function until<T>(probe: () => T | null | undefined | false): Promise<T> {
  for (let i = 0; i < 400; i += 1) {
    const found = probe();
    if (found !== null && found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('nothing within 4 s');
}

async function inspect(b: Bench): Promise<void> {
  const run = b.conductor.run(UUID, 'inspect', AbortSignal.timeout(10_000));
  await until(() => b.power.on);
  expect((await post(b, '/v1/continue_inspection', inventory)).status).toBe(202);
  await run;
}

async function lookup(b: Bench): Promise<string> {
  await until(() => b.power.on);
  const addresses = `aa:bb:cc:dd:ee:ff,${MAC.toUpperCase()}`;
  const answer = await call(b, `/v1/lookup?addresses=${addresses}`, { headers: versioned('1.62') });
  expect(answer.status).toBe(200);
  return document(answer.body).config.agent_token;
}

const heartbeat = (b: Bench, agent: ScriptedAgent, token: string, more = {}) =>
  post(
    b,
    `/v1/heartbeat/${UUID}`,
    { callback_url: agent.url, agent_token: token, agent_version: '12.1.0', ...more },
    '1.68',
  );

const versions = { generic_hardware_manager: '1.2' };
function typical(command: Received): Answer {
  if (command.name === 'clean.get_clean_steps')
    return {
      result: {
        clean_steps: {
          Generic: [
            { interface: 'deploy', step: 'erase_devices', priority: 10 },
            { interface: 'deploy', step: 'erase_devices_metadata', priority: 99 },
          ],
        },
        hardware_manager_version: versions,
      },
    };
  if (command.name === 'deploy.get_deploy_steps')
    return {
      result: {
        deploy_steps: { Generic: [{ interface: 'deploy', step: 'write_image', priority: 0 }] },
        hardware_manager_version: versions,
      },
    };
  const kind = /^(clean|deploy)\.execute/.exec(command.name)?.[1];
  if (kind !== undefined)
    return { result: { [`${kind}_step`]: command.params.step, [`${kind}_result`]: { result: 'ok' } } };
  if (command.name === 'log.collect_system_logs')
    return { result: { system_logs: Buffer.from('tar').toString('base64') } };
  return { result: command.name === 'standby.get_partition_uuids' ? {} : null };
}

async function agentOf(answer = typical, tls?: { key: string; cert: string }): Promise<ScriptedAgent> {
  const agent = await startScriptedAgent(answer, tls);
  cleanups.push(agent.stop);
  return agent;
}

describe('what an agent sees of the embedded conductor', () => {
  it('offers its version range like Ironic', async () => {
    const b = await bench({ apiVersion: 82 });
    const root = await call(b, '/');
    expect(root.body).toMatchObject({ default_version: { id: 'v1', min_version: '1.1', version: '1.82' } });
    expect((await call(b, '/v1/')).body).toMatchObject({ version: '1.82' });
    const tooNew = await call(b, '/v1/lookup?addresses=x', { headers: versioned('1.99') });
    expect(tooNew.status).toBe(406);
    expect(tooNew.headers.get('x-openstack-ironic-api-maximum-version')).toBe('1.82');
  });

  it('refuses a lookup without addresses, of a stranger and out of time with the same words as Ironic', async () => {
    const b = await bench();
    const at = (query: string) => call(b, `/v1/lookup${query}`, { headers: versioned('1.62') });
    const empty = await at('?addresses=nonsense');
    expect([empty.status, fault(empty.body)]).toEqual([
      400,
      "At least one of 'addresses' and 'node_uuid' parameters is required",
    ]);
    for (const query of [`?addresses=52:54:00:00:00:99`, `?addresses=${MAC}`, `?node_uuid=${UUID}`]) {
      const answer = await at(query);
      expect([answer.status, fault(answer.body)]).toEqual([404, 'Resource could not be found.']);
    }
  });

  it('gives the token once per boot and masks every secret', async () => {
    const b = await bench();
    await inspect(b);
    void b.conductor.run(UUID, 'clean', AbortSignal.timeout(9_000)).catch(() => undefined);
    const token = await lookup(b);
    expect(token).toMatch(/^[\w-]{43}$/);
    const again = await call(b, `/v1/lookup?addresses=&node_uuid=${UUID}`, { headers: versioned('1.62') });
    expect(document(again.body).config.agent_token).toBe('******');
    expect(document(again.body).node.driver_internal_info.agent_secret_token).toBe('******');
    expect(JSON.stringify(again.body)).not.toContain(token);
    expect(b.power.line).toContain(`ipa-api-url=${b.conductor.apiUrl} `);
    expect(b.power.line).toMatch(/^console=ttyS0 .* ipa-global-request-id=req-[0-9a-f-]{36}$/);
  });

  it('stores inspection data, insists on its shape and on the right moment', async () => {
    const b = await bench();
    expect((await post(b, '/v1/continue_inspection', inventory)).status).toBe(404);
    const run = b.conductor.run(UUID, 'inspect', AbortSignal.timeout(9_000));
    await until(() => b.power.on);
    expect(b.power.line).toContain(`ipa-inspection-callback-url=${b.conductor.apiUrl}/v1/continue_inspection`);
    expect(b.power.line).not.toContain('ipa-api-url');
    const bad = await post(b, '/v1/continue_inspection', { inventory: { interfaces: [{ mac_address: null }] } });
    expect([bad.status, fault(bad.body)]).toEqual([400, expect.stringContaining('mac_address')]);
    const good = await post(b, '/v1/continue_inspection', inventory);
    expect([good.status, good.body]).toEqual([202, { uuid: UUID }]);
    await run;
    expect((await call(b, `/v1/nodes/${UUID}/inventory`)).body).toEqual(inventory);
    expect(b.power.on).toBe(false);
  });

  it('answers like ironic-inspector when it plays Ironic 2023.1', async () => {
    const b = await bench({ apiVersion: 82 });
    const run = b.conductor.run(UUID, 'inspect', AbortSignal.timeout(9_000));
    await until(() => b.power.on);
    expect(b.power.line).toContain('/v1/continue ');
    expect((await post(b, '/v1/continue_inspection', inventory)).status).toBe(404);
    const answer = await post(b, '/v1/continue', inventory);
    expect([answer.status, answer.body]).toEqual([200, { uuid: UUID }]);
    await run;
  });

  it('hands out the lookup document to an inspection at 1.84', async () => {
    const b = await bench();
    const run = b.conductor.run(UUID, 'inspect', AbortSignal.timeout(9_000));
    await until(() => b.power.on);
    const answer = await post(b, `/v1/continue_inspection?node_uuid=${UUID}`, inventory, '1.84');
    expect([answer.status, document(answer.body).node.uuid]).toEqual([202, UUID]);
    expect(document(answer.body).config.agent_token).toMatch(/^[\w-]{43}$/);
    await run;
  });

  it('refuses bad heartbeats, each for its reason', async () => {
    const b = await bench({ apiVersion: 96 });
    await inspect(b);
    void b.conductor.run(UUID, 'clean', AbortSignal.timeout(9_000)).catch(() => undefined);
    const token = await lookup(b);
    const good = { callback_url: 'https://127.0.0.1:9', agent_token: token, agent_version: '12.1.0' };
    const table: [string, object, string][] = [
      ['1.68', { ...good, agent_token: undefined }, 'token is required'],
      ['1.68', { ...good, agent_token: 'x'.repeat(43) }, 'Invalid or missing agent token'],
      ['1.68', { ...good, agent_version: null }, 'version is required'],
      ['1.68', { ...good, callback_url: 'http://127.0.0.1:9' }, 'TLS is required'],
      ['1.61', good, 'agent_token" not recognised'],
      ['1.68', { ...good, agent_status: 'end' }, 'agent_status" not recognised'],
      ['1.68', { ...good, other: 1 }, 'heartbeat:'],
    ];
    for (const [version, body, reason] of table) {
      const answer = await post(b, `/v1/heartbeat/${UUID}`, body, version);
      expect([answer.status, fault(answer.body)]).toEqual([400, expect.stringContaining(reason)]);
    }
    expect((await post(b, `/v1/heartbeat/${UUID.replace('5', '6')}`, good, '1.68')).status).toBe(404);
    expect(b.conductor.agent(UUID)).toBeNull();
  });
});

describe('what the embedded conductor asks of an agent', () => {
  it('cleans: steps in order, operator priorities, power off at the end', async () => {
    const b = await bench();
    await inspect(b);
    const agent = await agentOf();
    const run = b.conductor.run(UUID, 'clean', AbortSignal.timeout(10_000));
    const token = await lookup(b);
    expect((await heartbeat(b, agent, token)).status).toBe(202);
    await until(() => agent.received.length === 2);
    expect(agent.received.map((c) => [c.name, c.query.wait])).toEqual([
      ['clean.get_clean_steps', 'true'],
      ['clean.execute_clean_step', 'false'],
    ]);
    expect(agent.received[1]?.params).toMatchObject({
      step: { interface: 'deploy', step: 'erase_devices_metadata' },
      clean_version: versions,
      ports: [{ address: MAC }],
      node: { uuid: UUID, driver_info: { ipmi_password: '******' } },
    });
    expect(agent.received.every((c) => c.query.agent_token === token)).toBe(true);
    agent.finish();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await heartbeat(b, agent, token);
    expect((await run).situation.provision).toBe('available');
    expect(agent.listQueries).toEqual([{}]);
    expect(b.power.on).toBe(false);
    expect(b.conductor.agent(UUID)).toBeNull();
  });

  async function deploy(b: Bench, agent: ScriptedAgent, onCommand: (name: string) => void = () => undefined) {
    await inspect(b);
    const cleaned = b.conductor.run(UUID, 'clean', AbortSignal.timeout(10_000));
    let token = await lookup(b);
    await heartbeat(b, agent, token);
    await until(() => agent.received.length === 2);
    agent.finish();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await heartbeat(b, agent, token);
    await cleaned;
    agent.forget();
    const run = b.conductor.run(UUID, 'deploy', AbortSignal.timeout(20_000));
    token = await lookup(b);
    await heartbeat(b, agent, token);
    const seen = new Set<number>();
    const pump = setInterval(() => {
      agent.received.forEach((c, index) => {
        if (seen.has(index)) return;
        seen.add(index);
        onCommand(c.name);
        agent.finish();
      });
      void heartbeat(b, agent, token).catch(() => undefined);
    }, 60);
    return run.finally(() => clearInterval(pump));
  }

  it('deploys in UEFI mode with the calls of a real conductor, in their order', async () => {
    const b = await bench();
    const agent = await agentOf();
    const node = await deploy(b, agent, (name) => {
      if (name === 'standby.power_off') b.power.on = false;
    });
    expect(node.situation.provision).toBe('active');
    const calls = agent.received.slice(2);
    expect(calls.map((c) => [c.name, c.query.wait])).toEqual([
      ['deploy.get_deploy_steps', 'true'],
      ['deploy.execute_deploy_step', 'false'],
      ['standby.get_partition_uuids', 'true'],
      ['image.install_bootloader', 'false'],
      ['log.collect_system_logs', 'true'],
      ['standby.power_off', 'false'],
    ]);
    expect(calls[1]?.params).toMatchObject({
      step: {
        interface: 'deploy',
        step: 'write_image',
        args: {
          configdrive: 'H4sICONFIG',
          image_info: {
            id: 'os.qcow2',
            urls: ['http://images/os.qcow2'],
            disk_format: 'qcow2',
            node_uuid: UUID,
            configdrive: 'H4sICONFIG',
          },
        },
      },
      deploy_version: versions,
      node: { properties: { root_device: { serial: 'DISK1' } }, instance_info: { configdrive: 'H4sICONFIG' } },
    });
    expect(calls[3]?.params).toEqual({
      root_uuid: null,
      efi_system_part_uuid: null,
      prep_boot_part_uuid: null,
      target_boot_mode: 'uefi',
    });
    expect(b.power.history.at(-1)).toBe('disk');
    expect(readdirSync(join(b.directory, 'agent-logs'))).toHaveLength(1);
    const changes = new DatabaseSync(join(b.directory, 'conductor.sqlite'))
      .prepare('SELECT provision_state AS s FROM changes')
      .all();
    expect([...new Set(changes.map((row) => row.s))]).toEqual([
      'enroll',
      'inspect wait',
      'manageable',
      'clean wait',
      'available',
      'wait call-back',
      'deploying',
      'active',
    ]);
    const stages = b.events.flatMap((e) => (e.type === 'stage' ? [e.id] : []));
    expect(stages).toContain('deploy-write_image');
  });

  it('does not touch the boot loader in BIOS mode, and cuts the power of an agent that stays on', async () => {
    const b = await bench({}, 'bios');
    const agent = await agentOf();
    const node = await deploy(b, agent);
    expect(node.situation.provision).toBe('active');
    expect(b.power.history.slice(-3)).toEqual(['ramdisk', 'off', 'disk']);
    expect(agent.received.map((c) => c.name)).not.toContain('image.install_bootloader');
  });

  it('locks the agent of a node that must not be powered off, waits for silence and resets the server', async () => {
    const b = await bench({ disablePowerOff: true });
    const agent = await agentOf();
    const node = await deploy(b, agent, (name) => {
      if (name === 'system.lockdown') void agent.stop();
    });
    expect(node.situation.provision).toBe('active');
    expect(agent.received.slice(-3).map((c) => [c.name, c.query.wait])).toEqual([
      ['log.collect_system_logs', 'true'],
      ['standby.sync', 'true'],
      ['system.lockdown', 'false'],
    ]);
    expect(b.power.history.slice(-2)).toEqual(['ramdisk', 'disk']);
  });

  it('does not boot a system beside an agent that goes on answering', async () => {
    const b = await bench({ disablePowerOff: true });
    const agent = await agentOf();
    await expect(deploy(b, agent)).rejects.toThrow('system.lockdown: the agent still answers');
    expect(b.power.history.at(-1)).toBe('ramdisk');
  });

  it('fails with the agent’s own words and keeps its logs', async () => {
    const b = await bench();
    const agent = await agentOf((command) =>
      command.name === 'clean.execute_clean_step'
        ? { result: null, fails: { type: 'CleaningError', details: 'disk vanished' } }
        : typical(command),
    );
    await inspect(b);
    const run = b.conductor.run(UUID, 'clean', AbortSignal.timeout(10_000));
    const failure = expect(run).rejects.toThrow('step deploy.erase_devices_metadata: disk vanished');
    const token = await lookup(b);
    await heartbeat(b, agent, token);
    await until(() => agent.received.length === 2);
    agent.finish();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await heartbeat(b, agent, token);
    await failure;
    expect(existsSync(join(b.directory, 'agent-logs'))).toBe(true);
    expect(b.events).toContainEqual(
      expect.objectContaining({ type: 'end', failed: expect.stringContaining('disk vanished') }),
    );
  });

  it('fails when no agent ever calls', async () => {
    const b = await bench({ callbackTimeoutMs: 300 });
    await expect(b.conductor.run(UUID, 'inspect', AbortSignal.timeout(9_000))).rejects.toThrow('no sign of the agent');
  });

  it('waits for the next heartbeat when the agent is busy', async () => {
    const b = await bench();
    let busy = true;
    const agent = await agentOf((c) =>
      busy ? { status: 409, faultstring: 'Agent is busy: executing x' } : typical(c),
    );
    await inspect(b);
    void b.conductor.run(UUID, 'clean', AbortSignal.timeout(9_000)).catch(() => undefined);
    const token = await lookup(b);
    await heartbeat(b, agent, token);
    await until(() => agent.received.length === 1);
    busy = false;
    await new Promise((resolve) => setTimeout(resolve, 50));
    await heartbeat(b, agent, token);
    await until(() => agent.received.length === 3);
    expect(agent.received.at(-1)?.name).toBe('clean.execute_clean_step');
  });

  it('trusts only the certificate of the first heartbeat, and sends the token on GET from 1.96 on', async () => {
    const b = await bench({ apiVersion: 96 });
    await inspect(b);
    const tls = certificate(b.directory, 'agent');
    const agent = await agentOf(typical, tls);
    const run = b.conductor.run(UUID, 'clean', AbortSignal.timeout(10_000));
    const token = await lookup(b);
    expect((await heartbeat(b, agent, token, { agent_verify_ca: tls.cert })).status).toBe(202);
    await until(() => agent.received.length === 2);
    const other = await heartbeat(b, agent, token, { agent_verify_ca: certificate(b.directory, 'other').cert });
    expect([other.status, fault(other.body)]).toEqual([400, expect.stringContaining('agent_verify_ca')]);
    agent.finish();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await heartbeat(b, agent, token, { agent_verify_ca: `${tls.cert}\n` })).status).toBe(202);
    await run;
    expect(agent.listQueries).toEqual([{ agent_token: token }]);
  });

  it('does not talk to an agent with another certificate', async () => {
    const b = await bench({ apiVersion: 96, limits: { ...ironicLimits, attempts: 1 } });
    await inspect(b);
    const agent = await agentOf(typical, certificate(b.directory, 'agent'));
    const run = b.conductor.run(UUID, 'clean', AbortSignal.timeout(10_000));
    const failure = expect(run).rejects.toThrow(/certificate/);
    const token = await lookup(b);
    await heartbeat(b, agent, token, { agent_verify_ca: certificate(b.directory, 'other').cert });
    await failure;
    expect(agent.received).toEqual([]);
  });
});

function certificate(directory: string, name: string): { key: string; cert: string } {
  const [key, cert] = [join(directory, `${name}.key`), join(directory, `${name}.crt`)];
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=critical,IP:127.0.0.1'];
  execFileSync('openssl', [...request, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}
