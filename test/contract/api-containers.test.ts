import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLog } from '../../src/core/index.ts';
import type { ContainerSettings } from '../../src/hardware/index.ts';
import { createFiles, createTools, type Files, systemClock } from '../../src/system/index.ts';
import { type AgentApi, startAgentApi } from '../kit/agent-api.ts';
import { TEST_TOKEN } from '../kit/api.ts';
import type { Document } from '../kit/document.ts';
import { type ScriptedPodman, scriptedPodman } from '../kit/scripted-podman.ts';

const IMAGE = 'quay.io/acme/firmware:1';
const NODE = { uuid: 'f0c1', driver_info: { ipmi_password: 'hunter2-hunter2', ipmi_address: '192.0.2.1' } };
const opened: AgentApi[] = [];
let podman: ScriptedPodman;
beforeEach(() => {
  podman = scriptedPodman();
  vi.stubEnv('PATH', `${podman.bin}:${process.env.PATH}`);
});
afterEach(async () => {
  for (const api of opened.splice(0)) await api.server.close();
  vi.unstubAllEnvs();
  podman.remove();
});

/** The agent's commands over HTTP, with real programs and files below the steps. */
async function start(containers: Partial<ContainerSettings> = {}, kernelLine = 'quiet'): Promise<AgentApi> {
  const real = createFiles();
  const files: Files = {
    ...real,
    textOrNull: async (path) => (path === '/proc/cmdline' ? kernelLine : real.textOrNull(path)),
  };
  const machine = { tools: createTools(silentLog), files, clock: systemClock, log: silentLog };
  const api = await startAgentApi({
    machine,
    asksManagers: true,
    containers: { stepsFile: join(podman.bin, '../steps.yaml'), ...containers },
  });
  opened.push(api);
  return api;
}
const execute = (api: AgentApi, step: Document, kind = 'clean', query = 'wait=true') =>
  api.post(`${kind}.execute_${kind}_step`, { step, node: NODE, ports: [] }, query);
const generic = (args: Document, name = 'generic_container_step') => ({ step: name, interface: 'deploy', args });
/** Command lines of one kind. */
const calls = (word: string) => podman.calls().filter((line) => line.startsWith(`${word} `));
const until = (seen: () => boolean) => vi.waitFor(() => expect(seen()).toBe(true), { timeout: 20_000, interval: 20 });
const stillBeating = async () => {
  const before = podman.text('beats');
  await systemClock.sleep(500);
  return podman.text('beats') !== before;
};
/** A container that ends only when it is killed. */
const ENDLESS = 'trap "" TERM; while :; do echo x >>"$dir/beats"; sleep 0.05; done';
const FILE = `
steps:
  - {name: vendor_flash, image: "${IMAGE}", interface: deploy, priority: 42, reboot_requested: true, abortable: false,
     run_options: ["--privileged -v /dev:/dev"]}
  - {name: vendor_check, image: "docker://quay.io/acme/check", interface: management, priority: 0, reboot_requested: no, abortable: yes}
`;
const writeFile = (text: string) => podman.write('../steps.yaml', text);

describe('what the conductor is offered', () => {
  it.each(['clean', 'deploy', 'service'])('%s steps: both generic ones and those of the file', async (kind) => {
    writeFile(FILE);
    const api = await start();
    const { body } = await api.post(`${kind}.get_${kind}_steps`, { node: NODE, ports: [] }, 'wait=true');
    const steps: Document = body.command_result[`${kind}_steps`].ContainerHardwareManager;
    const facts = (step: Document) => [step.step, step.interface, step.priority, step.reboot_requested, step.abortable];
    const says = (abortable: boolean) => (kind === 'deploy' ? undefined : abortable);
    expect(steps.map(facts).sort()).toEqual([
      ['container_clean_step', 'deploy', 0, false, says(true)],
      ['generic_container_step', 'deploy', 0, false, says(true)],
      ['vendor_check', 'management', 0, false, says(true)],
      ['vendor_flash', 'deploy', kind === 'clean' ? 42 : 0, true, says(false)],
    ]);
    const { argsinfo } = steps.find((step: Document) => step.step === 'generic_container_step');
    expect(Object.entries(argsinfo).map(([name, info]: [string, Document]) => [name, info.required])).toEqual([
      ['container_url', true],
      ['pull_options', false],
      ['run_options', false],
    ]);
    expect(steps.find((step: Document) => step.step === 'vendor_flash')).not.toHaveProperty('argsinfo');
    expect(body.command_result.hardware_manager_version.ContainerHardwareManager).toBe('2');
  });

  it('nothing where no program runs containers, and the same versions', async () => {
    podman.breakDown();
    const api = await start();
    const { body } = await api.post('clean.get_clean_steps', { node: NODE, ports: [] }, 'wait=true');
    expect(Object.keys(body.command_result.clean_steps)).toEqual(['GenericHardwareManager']);
    expect(body.command_result.hardware_manager_version.ContainerHardwareManager).toBe('2');
    const run = await execute(api, generic({ container_url: IMAGE }));
    expect(run.body.command_error.type).toBe('HardwareManagerMethodNotFound');
  });

  it('the reason, where the file has a mistake; steps of other managers go on', async () => {
    writeFile(
      `${FILE}  - {name: write_image, image: a, interface: deploy, priority: 0, reboot_requested: no, abortable: no}\n`,
    );
    const api = await start();
    const { body } = await api.post('clean.get_clean_steps', { node: NODE, ports: [] }, 'wait=true');
    expect(body.command_status).toBe('FAILED');
    expect(body.command_error).toMatchObject({ type: 'HardwareManagerConfigurationError', code: 500 });
    expect(body.command_error.details).toContain('step 3 (write_image): the name is taken');
    const own = await execute(api, { step: 'vendor_flash', interface: 'deploy' });
    expect(own.body.command_error.type).toBe('HardwareManagerConfigurationError');
    expect(podman.calls().filter((line) => /^(pull|run)/.test(line))).toEqual([]);
  });
});

describe('a container step', () => {
  it('of the file pulls, runs with its own options, leaves nothing behind', async () => {
    writeFile(FILE);
    podman.container('cp "$node" "$dir/node.json"; echo done');
    const api = await start({ pullOptions: ['--tls-verify=false'] });
    const step = { step: 'vendor_flash', interface: 'deploy', priority: 42, extra: 'kept' };
    const { body } = await execute(api, step);
    expect(body.command_status).toBe('SUCCEEDED');
    expect(body.command_result).toEqual({ clean_result: null, clean_step: step });
    expect(calls('pull')).toEqual([`pull --tls-verify=false ${IMAGE}`]);
    expect(calls('run')[0]).toMatch(
      new RegExp(
        `^run --name=ironic-step-\\S+ --label=ironic-node-agent=step --pull=never --volume=.* --privileged -v /dev:/dev ${IMAGE}$`,
      ),
    );
    expect(calls('rmi')).toEqual([`rmi ${IMAGE}`]);
    expect(podman.text('images')).toBe('');
    const [, mounted = ''] = /--volume=(\S+):\/run\/ironic-node-agent\/node\.json:ro/.exec(calls('run')[0] ?? '') ?? [];
    expect(mounted).not.toBe('');
    expect(existsSync(mounted)).toBe(false);
    expect(JSON.parse(podman.text('node.json'))).toEqual({
      uuid: 'f0c1',
      driver_info: { ipmi_password: '******', ipmi_address: '192.0.2.1' },
    });
  });

  it('keeps an image that was there before, and takes one that cannot be removed as it is', async () => {
    podman.write('images', `${IMAGE}\n`);
    const api = await start({ allowed: [IMAGE] });
    expect((await execute(api, generic({ container_url: IMAGE }))).body.command_status).toBe('SUCCEEDED');
    expect(calls('rmi')).toEqual([]);
  });

  it.each(['generic_container_step', 'container_clean_step'])(
    '%s runs an allowed image with configured options only',
    async (name) => {
      const api = await start({ allowed: [IMAGE] });
      const args = { container_url: `docker://${IMAGE}`, pull_options: '--creds=a:b', run_options: ['--privileged'] };
      const { body } = await execute(api, generic(args, name), 'service');
      expect(body.command_result.service_result).toBeNull();
      expect(calls('pull')).toEqual([`pull docker://${IMAGE}`]);
      expect(calls('run')[0]).toMatch(new RegExp(` --rm --network=host docker://${IMAGE}$`));
      expect(calls('run')[0]).not.toContain('privileged');
      expect(calls('rmi')).toEqual([`rmi ${IMAGE}`]);
    },
  );

  it('takes options with any container allowed, and the registry as Ironic writes it', async () => {
    const api = await start({ allowArbitrary: true });
    const args = { container_url: `oci://${IMAGE}`, run_options: '--rm  --cap-add=SYS_ADMIN' };
    expect((await execute(api, generic(args), 'deploy')).body.command_status).toBe('SUCCEEDED');
    expect(calls('pull')).toEqual([`pull ${IMAGE}`]);
    expect(calls('run')[0]).toMatch(new RegExp(` --rm --cap-add=SYS_ADMIN ${IMAGE}$`));
  });

  it.each([
    [{}, 'InvalidCommandParamsError'],
    [{ container_url: '' }, 'InvalidCommandParamsError'],
    [{ container_url: null }, 'InvalidCommandParamsError'],
    [{ container_url: ['a'] }, 'InvalidCommandParamsError'],
    [{ container_url: '--privileged' }, 'InvalidCommandParamsError'],
    [{ container_url: IMAGE, run_options: 5 }, 'InvalidCommandParamsError'],
    [{ container_url: IMAGE, command: 'sh' }, 'InvalidCommandParamsError'],
    [{ container_url: 'quay.io/acme/other' }, 'ContainerNotPermittedError'],
  ])('with arguments %j is %s, and nothing is run', async (args, type) => {
    const api = await start({ allowed: [IMAGE] });
    const { body } = await execute(api, generic(args));
    expect(body.command_error.type).toBe(type);
    expect(podman.calls().filter((line) => line !== '--version')).toEqual([]);
  });

  it('returns the JSON that the container leaves as its result', async () => {
    podman.container(`echo '{"flashed": ["nic0"], "secret": "${TEST_TOKEN}"}' >"$out/result.json"`);
    const api = await start({ allowed: [IMAGE] });
    const { body } = await execute(api, generic({ container_url: IMAGE }));
    expect(body.command_result.clean_result).toEqual({ flashed: ['nic0'], secret: '******' });
  });

  it.each([
    ['no JSON', 'echo half >"$out/result.json"'],
    ['a link to another file', 'echo "{}" >"$dir/x"; ln -s "$dir/x" "$out/result.json"'],
    ['a link to nothing', 'ln -s /nowhere "$out/result.json"'],
    ['a pipe', 'mkfifo "$out/result.json"'],
    ['far too much', 'head -c 3000000 /dev/zero >"$out/result.json"'],
  ])('takes no result that is %s', async (_what, script) => {
    podman.container(script);
    const api = await start({ allowed: [IMAGE] });
    const { body } = await execute(api, generic({ container_url: IMAGE }));
    expect([body.command_status, body.command_result?.clean_result]).toEqual(['SUCCEEDED', null]);
  });

  it('that fails names exit code and last words, and its output is kept without secrets', async () => {
    podman.container(`echo starting; echo "bad token=${TEST_TOKEN}" >&2; echo "flash: verify failed" >&2; exit 7`);
    const api = await start({ allowed: [IMAGE] });
    const { body } = await execute(api, generic({ container_url: IMAGE }));
    expect(body.command_status).toBe('FAILED');
    expect(body.command_error).toMatchObject({ type: 'CommandExecutionError', code: 500, exit_code: 7 });
    expect(body.command_error.details).toBe(
      `container ${IMAGE} of step generic_container_step exited 7: flash: verify failed`,
    );
    expect(JSON.stringify(body)).not.toContain(TEST_TOKEN);
    const [output] = api.ports.outputs.all();
    expect(output?.text).toContain('starting');
    expect(output?.text).toContain('flash: verify failed');
    expect(podman.text('images')).toBe('');
  });

  it.each([
    ['quiet', false],
    [`quiet ipa-agent-token=${TEST_TOKEN}`, true],
  ])('with the kernel line %j hides it: %s', async (kernelLine, hidden) => {
    const api = await start({ allowed: [IMAGE] }, kernelLine);
    expect((await execute(api, generic({ container_url: IMAGE }))).body.command_status).toBe('SUCCEEDED');
    expect((calls('run')[0] ?? '').includes(' --security-opt=mask=/proc/cmdline ')).toBe(hidden);
    expect(podman.calls().join('\n')).not.toContain(TEST_TOKEN);
  });

  it('that prints without end is bounded, on both streams, and its newest words are kept', async () => {
    podman.container(
      'for i in $(seq 1 60000); do echo "out $i 0123456789"; echo "err $i 0123456789" >&2; done; exit 1',
    );
    const api = await start({ allowed: [IMAGE] });
    const { body } = await execute(api, generic({ container_url: IMAGE }));
    expect(body.command_error.details).toContain('exited 1: err 60000');
    const text = api.ports.outputs.all()[0]?.text ?? '';
    expect(text.length).toBeLessThan(540_000);
    expect(text).toContain('out 60000 ');
    expect(text).not.toContain('out 1 ');
  });

  it('fails by the reason of the runner when its image cannot be pulled, without credentials', async () => {
    podman.pull('echo "Error: pinging registry: no route to host" >&2; exit 125');
    const api = await start({ allowed: [IMAGE], pullOptions: ['--creds=robot:very-secret-word'] });
    const { body } = await execute(api, generic({ container_url: IMAGE }));
    expect(body.command_error.type).toBe('CommandExecutionError');
    expect(body.command_error.details).toContain(`image ${IMAGE} cannot be pulled`);
    expect(body.command_error.details).toContain('no route to host');
    expect(JSON.stringify(body)).not.toContain('very-secret-word');
    expect(calls('run')).toEqual([]);
  });

  it('runs with docker alone, which knows no transports', async () => {
    podman.breakDown();
    podman.alsoAsDocker();
    const api = await start({ allowed: [IMAGE], runner: 'docker' }, `quiet ipa-agent-token=${TEST_TOKEN}`);
    const { body } = await execute(api, generic({ container_url: `docker://${IMAGE}` }));
    expect(body.command_status).toBe('SUCCEEDED');
    expect(calls('pull')).toEqual([`pull ${IMAGE}`]);
    expect(calls('run')[0]).toMatch(new RegExp(` --pull=never .* --rm --network=host ${IMAGE}$`));
    // An option of podman alone.
    expect(calls('run')[0]).not.toContain('mask=');
  });

  it('is a mistake of the ramdisk when the configured runner is not in it', async () => {
    const api = await start({ allowed: [IMAGE], runner: 'docker' });
    const { body } = await execute(api, generic({ container_url: IMAGE }));
    expect(body.command_error.type).toBe('HardwareManagerConfigurationError');
    expect(body.command_error.details).toMatch(/^\[container\]runner is docker, which does not run: /);
  });
});

describe('a container that does not end', () => {
  it('is killed by its name when its time is over; what it printed is kept', async () => {
    podman.container(`echo "waiting for the card"; ${ENDLESS}`);
    const api = await start({ allowed: [IMAGE], runTimeoutMs: 1500 });
    const { body } = await execute(api, generic({ container_url: IMAGE }));
    expect(body.command_error.details).toBe(
      `container ${IMAGE} of step generic_container_step did not end within 1.5s`,
    );
    expect(podman.text('beats')).not.toBe('');
    expect(await stillBeating()).toBe(false);
    const [, name] = /--name=(\S+)/.exec(calls('run')[0] ?? '') ?? [];
    expect(calls('kill')).toEqual([`kill ${name}`]);
    expect(calls('rm')).toEqual([`rm --force ${name}`]);
    expect(api.ports.outputs.all()[0]?.text).toContain('waiting for the card');
    expect(podman.text('images')).toBe('');
  });

  it('is killed by the name that its options give it', async () => {
    podman.container(ENDLESS);
    const api = await start({ allowArbitrary: true, runTimeoutMs: 1500 });
    await execute(api, generic({ container_url: IMAGE, run_options: '--rm --name=mine' }));
    expect(calls('kill')).toEqual(['kill mine']);
    expect(await stillBeating()).toBe(false);
  });

  it('is killed when the agent is told to end', async () => {
    podman.container(ENDLESS);
    const api = await start({ allowed: [IMAGE] });
    await execute(api, generic({ container_url: IMAGE }), 'clean', '');
    await until(() => podman.text('beats') !== '');
    expect(api.hub.snapshot().command?.progress).toMatchObject({ phase: 'running the container', on: IMAGE });
    await api.jobs.close('the agent was told to end (SIGTERM)');
    expect(await stillBeating()).toBe(false);
    const { body } = await api.get('/v1/commands/');
    expect(body.commands.at(-1)).toMatchObject({ command_status: 'FAILED' });
    expect(body.commands.at(-1).command_error.details).toContain('was told to end');
  });

  it('a pull that hangs is given up', async () => {
    podman.pull('exec sleep 600');
    const api = await start({ allowed: [IMAGE], pullTimeoutMs: 1000 });
    const { body } = await execute(api, generic({ container_url: IMAGE }));
    expect(body.command_error.details).toBe(`pulling ${IMAGE} did not end within 1.0s`);
    expect(calls('run')).toEqual([]);
  });
});
