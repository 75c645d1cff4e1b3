import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLog } from '../../src/core/index.ts';
import type { ContainerSettings } from '../../src/hardware/index.ts';
import { createFiles, createTools, type Files, systemClock } from '../../src/system/index.ts';
import { type AgentApi, startAgentApi } from '../kit/agent-api.ts';
import { TEST_TOKEN } from '../kit/api.ts';
import { type ImageRegistry, startRegistry } from '../kit/image-registry.ts';
import { type PrivatePodman, privatePodman } from '../kit/private-podman.ts';

/** An argument by which its process is found on the machine. */
const MARK = '86399.25';
const SCRIPTS = {
  looks: `echo "kernel line: [$(cat /proc/cmdline)]"
cat "$IRONIC_NODE_FILE"
env
echo "{\\"node\\": \\"$IRONIC_NODE_UUID\\", \\"step\\": \\"$IRONIC_STEP\\"}" >"$IRONIC_RESULT_FILE"
echo changed >"$IRONIC_NODE_FILE" || echo "the node is read-only"
`,
  fails: 'echo "flash: verify failed" >&2\nexit 9\n',
  hangs: `trap '' TERM\necho waiting\nwhile :; do sleep ${MARK}; done\n`,
};
let podman: PrivatePodman;
let registry: ImageRegistry;
let api: AgentApi | null = null;

beforeAll(async () => {
  podman = await privatePodman();
  const layouts = Object.fromEntries(
    Object.entries(SCRIPTS).map(([name, script]) => [name, podman.makeImage(name, script)]),
  );
  registry = await startRegistry(layouts);
});
afterAll(() => {
  registry.close();
  podman.close();
});
beforeEach(() => vi.stubEnv('PATH', `${podman.bin}:${process.env.PATH}`));
afterEach(async () => {
  await api?.server.close();
  vi.unstubAllEnvs();
});

async function start(containers: Partial<ContainerSettings>): Promise<AgentApi> {
  const real = createFiles();
  const files: Files = {
    ...real,
    // As if the token had come with the kernel line.
    textOrNull: async (path) => (path === '/proc/cmdline' ? `quiet x=${TEST_TOKEN}` : real.textOrNull(path)),
  };
  const machine = { tools: createTools(silentLog), files, clock: systemClock, log: silentLog };
  api = await startAgentApi({
    machine,
    asksManagers: true,
    containers: { pullOptions: ['--tls-verify=false'], ...containers },
  });
  return api;
}
const execute = (agent: AgentApi, image: string, query = 'wait=true') =>
  agent.post(
    'clean.execute_clean_step',
    {
      step: { step: 'generic_container_step', interface: 'deploy', args: { container_url: image } },
      node: { uuid: 'f0c1', driver_info: { ipmi_password: 'hunter2-hunter2' } },
      ports: [],
    },
    query,
  );
const left = () => [podman.run('ps', '--all', '--quiet'), podman.run('images', '--quiet')].join('').trim();
const isAlive = () =>
  readdirSync('/proc').some((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(MARK);
    } catch {
      return false;
    }
  });

describe('the real podman', () => {
  it('pulls an allowed image, runs it to its end, gives its result back and leaves nothing', async () => {
    const image = `${registry.host}/looks:1`;
    const agent = await start({ allowed: [image] });
    const { body } = await execute(agent, `docker://${image}`);
    expect(body.command_error).toBeNull();
    expect(body.command_result.clean_result).toEqual({ node: 'f0c1', step: 'generic_container_step' });
    const text = agent.ports.outputs.all()[0]?.text ?? '';
    expect(text).toContain('kernel line: []');
    expect(text).toContain('the node is read-only');
    expect(text).toContain('"ipmi_password": "******"');
    expect(text).not.toMatch(/hunter2|test-token/);
    expect(left()).toBe('');
  });

  it('takes an image by its digest', async () => {
    const image = `${registry.host}/looks@${registry.digestOf('looks')}`;
    const agent = await start({ allowArbitrary: true, requireDigest: true });
    expect((await execute(agent, image)).body.command_status).toBe('SUCCEEDED');
    expect((await execute(agent, `${registry.host}/looks:1`)).body.command_error.type).toBe(
      'ContainerNotPermittedError',
    );
    expect(left()).toBe('');
  });

  it('tells exit code and last words of a container that fails', async () => {
    const agent = await start({ allowArbitrary: true });
    const { command_error: error } = (await execute(agent, `${registry.host}/fails:1`)).body;
    expect(error).toMatchObject({ type: 'CommandExecutionError', exit_code: 9 });
    expect(error.details).toContain('exited 9: flash: verify failed');
    expect(left()).toBe('');
  });

  it('says what is wrong with an image that is not there', async () => {
    const agent = await start({ allowArbitrary: true, pullOptions: ['--tls-verify=false --quiet'] });
    const { command_error: error } = (await execute(agent, `${registry.host}/absent:1`)).body;
    expect(error.details).toContain(`image ${registry.host}/absent:1 cannot be pulled`);
    expect(left()).toBe('');
  });

  it('ends a container when its time is over', async () => {
    const agent = await start({ allowArbitrary: true, runTimeoutMs: 3000 });
    const late = (await execute(agent, `${registry.host}/hangs:1`)).body;
    expect(late.command_error.details).toContain('did not end within 3.0s');
    expect(agent.ports.outputs.all()[0]?.text).toContain('waiting');
    expect([isAlive(), left()]).toEqual([false, '']);
  });

  it('ends a container when the agent is told to end', async () => {
    const agent = await start({ allowArbitrary: true });
    await execute(agent, `${registry.host}/hangs:1`, '');
    await vi.waitFor(() => expect(isAlive()).toBe(true), { timeout: 60_000, interval: 100 });
    await agent.jobs.close('the agent was told to end (SIGTERM)');
    expect([isAlive(), left()]).toEqual([false, '']);
  });
});
