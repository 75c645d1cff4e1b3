import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createApi,
  createHeartbeat,
  createTokenGate,
  inspectionTargets,
  lookup,
  postInspection,
} from '../../src/ironic/index.ts';
import { ask, startTestApi, TEST_TOKEN } from '../kit/api.ts';
import { apiSettings, ironicKit } from '../kit/ironic-ports.ts';
import {
  lookupDocument,
  NODE_UUID,
  type ScriptedConductor,
  type SeenRequest,
  startConductor,
} from '../kit/scripted-conductor.ts';

/** Default API version of each release from 2023.1 to master (protocol.md, release map). */
const GENERATIONS = [
  ['2023.1', '1.82'],
  ['2023.2', '1.87'],
  ['2024.1', '1.90'],
  ['2024.2', '1.93'],
  ['2025.1', '1.96'],
  ['2025.2', '1.101'],
  ['2026.1', '1.111'],
  ['master', '1.115'],
] as const;
type Version = (typeof GENERATIONS)[number][1];

const closing: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of closing.splice(0).reverse()) await one.close();
});
const { signal } = new AbortController();

async function conductorOf(version: string): Promise<ScriptedConductor> {
  const conductor = await startConductor({ version });
  closing.push(conductor);
  // What each generation sends beside the token (protocol.md 4.4); nothing of it may disturb.
  const since = (from: number, part: Record<string, unknown>) => (Number(version.split('.')[1]) >= from ? part : {});
  const config = {
    ...since(87, { agent_md5_checksum_enable: false }),
    ...since(93, { disable_deep_image_inspection: false, permitted_image_formats: ['raw', 'gpt', 'qcow2'] }),
    ...since(96, { agent_containers: { allow_arbitrary_containers: false, allowed_containers: [], runner: 'podman' } }),
    ...since(101, { agent_skip_bmc_detect: true }),
    ...since(115, { tls_min_version: '1.3', tls_cipher_suites: '', enable_bios_bootloader_install: false }),
  };
  conductor.script('lookup', { status: 200, json: lookupDocument(config) });
  return conductor;
}

/** Inspection, discovery, lookup and two heartbeats, the second one with progress reports switched on. */
async function talk(version: Version, conductor: ScriptedConductor) {
  const { ports, clock } = ironicKit({ auto: false });
  const settings = apiSettings([conductor.url], { globalRequestId: 'req-11111111-2222-3333-4444-555555555555' });
  const callbackUrl = version === '1.82' ? `${conductor.url}/v1/continue` : null;
  const urls = inspectionTargets({ callbackUrl, apiUrls: [conductor.url] });
  const inventory = { interfaces: [{ name: 'eth0', mac_address: '52:54:00:aa:bb:01' }] };
  const { uuid } = await postInspection(ports, { ...settings, urls }, { inventory, error: null }, signal);
  const api = createApi(ports, settings);
  const request = { macs: ['52:54:00:aa:bb:01', '52:54:00:aa:bb:02'], timeoutMs: 1000, intervalMs: 1000 };
  const found = await lookup(ports, api, { ...request, nodeUuid: uuid, knownToken: null }, signal);
  for (const statusMessage of [undefined, () => 'deploy.execute_deploy_step: write 41%']) {
    const stop = new AbortController();
    const heartbeat = createHeartbeat(ports, api, {
      nodeUuid: found.node.uuid,
      callbackUrl: 'https://192.0.2.9:9999',
      token: found.token.value,
      agentVersion: '12.1.0',
      certificatePem: '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n',
      intervalMs: found.heartbeatTimeoutMs,
      ...(statusMessage === undefined ? {} : { statusMessage }),
    });
    const running = heartbeat.start(stop.signal);
    await clock.asleep();
    stop.abort(new Error('enough'));
    await running;
  }
  return found;
}

const WIRE_HEADERS = ['content-type', 'accept', 'x-openstack-ironic-api-version', 'x-openstack-request-id'];

const wire = ({ method, path, query, headers, body }: SeenRequest) => ({
  request: `${method} ${path}`,
  ...(query.size === 0 ? {} : { query: Object.fromEntries(query) }),
  headers: Object.fromEntries(
    WIRE_HEADERS.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])),
  ),
  ...(body === undefined ? {} : { body }),
});

const golden = (version: string): unknown =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'generations', `${version}.json`), 'utf8'));

describe.each(GENERATIONS)('Ironic %s, API %s', (_release, version) => {
  it('gets these requests, byte for byte in meaning', async () => {
    const conductor = await conductorOf(version);
    const found = await talk(version, conductor);
    expect(found.warnings).toEqual([]);
    expect({ requests: conductor.seen().map(wire) }).toEqual(golden(version));
  });

  it('may read the command list by the rule of its generation (protocol.md 7.6)', async () => {
    const conductor = await conductorOf(version);
    const { ports } = ironicKit();
    const known = await createApi(ports, apiSettings([conductor.url])).apiVersion(signal);
    const gate = createTokenGate({ token: () => TEST_TOKEN, policy: 'auto', apiVersion: () => known });
    const api = await startTestApi({ commands: [], extensions: [], ports: {}, gate });
    closing.push(api.server);
    const list = (query = '') => ask(`${api.base}/v1/commands/${query}`).then(({ status }) => status);
    const sendsTokenOnGet = Number(version.split('.')[1]) >= 96;
    expect(await list()).toBe(sendsTokenOnGet ? 401 : 200);
    expect(await list('?agent_token=wrong')).toBe(401);
    const post = await ask(`${api.base}/v1/commands/`, { method: 'POST', body: '{"name":"a.b","params":{}}' });
    expect(post.status).toBe(401);
    expect(await list(`?agent_token=${TEST_TOKEN}`)).toBe(200);
    expect(await list()).toBe(401);
  });
});

it('every generation has its golden file, with the node UUID of the kit', () => {
  for (const [, version] of GENERATIONS) expect(JSON.stringify(golden(version))).toContain(NODE_UUID);
});
