import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createSecrets } from '../../src/core/index.ts';
import { createLog } from '../../src/system/index.ts';
import { startAgentApi } from '../kit/agent-api.ts';
import { startAgent } from '../kit/agent-process.ts';
import { ask, TEST_TOKEN } from '../kit/api.ts';
import { deadUrl, lookupDocument, startConductor, TOKEN } from '../kit/scripted-conductor.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** Every secret that a conductor sends, plain and as it is on the wire. */
const SECRETS = {
  query: 'signature-secret-1',
  url: 'url-password-secret-1',
  server: 'image-server-secret-1',
  header: 'authorization-secret-1',
  proxy: 'proxy-secret-1',
  drive: 'configdrive-secret-1-'.repeat(20),
  rescue: 'rescue-secret-1',
  token: TEST_TOKEN,
};
const forms = Object.entries(SECRETS).flatMap(([name, secret]) => [
  [name, secret] as const,
  [`${name} in base64`, base64(secret).replace(/=+$/, '')] as const,
]);

/** Names of the secrets that a text holds; what base64 hides is looked at too. */
const leaks = (text: string) => forms.filter(([, form]) => text.includes(form.slice(0, 60))).map(([name]) => name);

function imageInfo(dead: string): Readonly<Record<string, unknown>> {
  const at = dead.replace('http://', `http://someone:${SECRETS.url}@`);
  return {
    id: 'image-1',
    urls: [`${at}/image?X-Amz-Signature=${SECRETS.query}`],
    os_hash_algo: 'sha256',
    os_hash_value: 'a'.repeat(64),
    disk_format: 'raw',
    image_server_auth_strategy: 'http_basic',
    image_server_user: 'someone',
    image_server_password: SECRETS.server,
    image_request_authorization: base64(`Bearer ${SECRETS.header}`),
    proxies: { http: `http://someone:${SECRETS.proxy}@127.0.0.1:1` },
    configdrive: base64(SECRETS.drive),
  };
}

describe('no secret is in the log of a deployment', () => {
  it.each(['text', 'json'] as const)('as %s, nor in answers, history and log archive', async (format) => {
    const lines: string[] = [];
    const secrets = createSecrets();
    const log = createLog({ debug: true, format, secrets, destination: { write: (line) => void lines.push(line) } });
    // A disk that this machine does not have: nothing can be written to it.
    const lsblk = 'lsblk -bia --json -oKNAME,MODEL,SIZE,ROTA,TYPE,UUID,PARTUUID,SERIAL,WWN,LOG-SEC,PHY-SEC,TRAN'.split(
      ' ',
    );
    const disk = '{"blockdevices":[{"kname":"zz9","type":"disk","size":10000000000}]}';
    const settle = { argv: ['udevadm', 'settle', '--timeout=30'] };
    const listing = [settle, { argv: lsblk, out: disk }];
    const api = await startAgentApi({ recording: [...listing, ...listing, ...listing], log });
    const answers: string[] = [];
    const post = async (name: string, params: unknown) => {
      const { text } = await api.post(name, params, 'wait=true');
      answers.push(text);
      return text;
    };
    const info = imageInfo(await deadUrl());
    await post('standby.prepare_image', { image_info: info, configdrive: base64(SECRETS.drive) });
    const step = { step: 'write_image', interface: 'deploy', args: { image_info: info, configdrive: SECRETS.drive } };
    await post('deploy.execute_deploy_step', { step, node: { uuid: 'f0c1' }, ports: [], deploy_version: null });
    await post('rescue.finalize_rescue', { rescue_password: SECRETS.rescue });
    await post('nothing.at_all', { agent_token: TEST_TOKEN, rescue_password: SECRETS.rescue });
    answers.push(
      (
        await ask(`${api.base}/v1/commands/?agent_token=${TEST_TOKEN}`, {
          method: 'POST',
          body: `{"x":"${SECRETS.rescue}`,
        })
      ).text,
    );
    answers.push((await api.get('/v1/commands/')).text);
    const archive = JSON.parse(await post('log.collect_system_logs', {})).command_result.system_logs;
    await api.server.close();
    const everything = [...lines, ...api.logLines].join('');
    expect(everything).toContain('standby.prepare_image');
    expect(everything).toMatch(/image-1|prepare_image/);
    expect(leaks(everything)).toEqual([]);
    expect(leaks(answers.slice(0, -1).join('\n'))).toEqual([]);
    expect(leaks(gunzipSync(Buffer.from(archive, 'base64')).toString('latin1'))).toEqual([]);
  });
});

describe('the log of the agent as a process', () => {
  const dir = mkdtempSync(join(tmpdir(), 'agent-log-'));
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
    rmSync(dir, { recursive: true, force: true });
  });

  it.each([
    ['text', []],
    ['json', ['--use-json']],
  ] as const)('as %s goes to log_dir as well and holds no token', async (format, flags) => {
    const conductor = await startConductor({ version: '1.96' });
    ends.push(() => conductor.close());
    const pre = 'pre-shared-token-that-lookup-replaces-0123';
    conductor.script('lookup', { status: 200, json: lookupDocument({ metrics: { backend: 'noop' } }) });
    const common = ['--api_url', conductor.url, '--debug', '--log-dir', dir, '--noenable_auto_tls'];
    const agent = await startAgent([...common, '--agent_token', pre, '--disk_wait_attempts', '0', ...flags]);
    ends.push(() => agent.stop());
    await conductor.nth('heartbeat', 1);
    const url = `http://127.0.0.1:${agent.port}/v1/commands/?agent_token=`;
    await ask(`${url}${TOKEN}`);
    await ask(`${url}${pre}`);
    await ask(`${url}${TOKEN}`, { method: 'POST', body: JSON.stringify({ name: 'no.such', params: { a: TOKEN } }) });
    await agent.sees(/api\.request.*POST.*404|POST.*404/);
    await agent.stop();
    const kept = readFileSync(join(dir, 'ironic-python-agent.log'), 'utf8');
    for (const text of [agent.output(), kept]) {
      expect(text).toContain('http.request');
      expect(text).toContain('agent.start');
      expect(text).not.toContain(TOKEN);
      expect(text).not.toContain(pre);
    }
    const first = kept.split('\n')[0] ?? '';
    if (format === 'json') expect(JSON.parse(first)).toMatchObject({ event: 'agent.start', level: 30 });
    else expect(first).toMatch(/^\d{4}-\d\d-\d\d [\d:.]+ INFO agent\.start /);
  });

  it('gives every line its level when standard error is the journal', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'agent-journal-')), 'journal');
    const fd = openSync(path, 'w');
    const { dev, ino } = fstatSync(fd);
    const main = join(import.meta.dirname, '../../src/main.ts');
    const child = spawn(process.execPath, [main, '--listen_host', '192.0.2.1', '--runtime_dir', join(path, '../run')], {
      env: { PATH: process.env.PATH, HOME: join(path, '..'), JOURNAL_STREAM: `${dev}:${ino}` },
      stdio: ['ignore', 'ignore', fd],
    });
    closeSync(fd);
    // The address is nobody's, so that the boot also has something to complain about.
    await expect.poll(() => readFileSync(path, 'utf8'), { timeout: 20_000 }).toMatch(/^<3>.*boot\.phase\.failed/m);
    child.kill('SIGTERM');
    await once(child, 'exit');
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines.every((line) => /^<[3467]>\d{4}-/.test(line))).toBe(true);
    expect(lines[0]).toMatch(/^<6>.* INFO agent\.start /);
    rmSync(join(path, '..'), { recursive: true, force: true });
  });
});
