import { expect, it, vi } from 'vitest';
import { type Lives, livesOf, maskTheToken, nextHeartbeat } from '../kit/restart-kit.ts';
import { lookupDocument, TOKEN } from '../kit/scripted-conductor.ts';
import { scriptedPodman } from '../kit/scripted-podman.ts';
import { unpack } from '../kit/unpack.ts';

const IMAGE = 'quay.io/acme/firmware:1';
const GET_STEPS = { name: 'clean.get_clean_steps', params: { node: {}, ports: [] } };
const STEP = { step: 'generic_container_step', interface: 'deploy', args: { container_url: `docker://${IMAGE}` } };
const EXECUTE = { name: 'clean.execute_clean_step', params: { node: {}, ports: [], step: STEP } };
const listed = async (lives: Lives) => (await lives.call('GET')).body.commands;

/** An agent whose machine has a scripted podman, and whose conductor says what containers may run. */
async function withPodman(agentContainers: Readonly<Record<string, unknown>>) {
  const lives = await livesOf();
  const podman = scriptedPodman(lives.place.home);
  lives.conductor.script('lookup', { status: 200, json: lookupDocument({ agent_containers: agentContainers }) });
  return { lives, podman };
}

it('the conductor allows a container by its lookup answer, sees the steps and runs one', async () => {
  const { lives, podman } = await withPodman({
    allow_arbitrary_containers: false,
    allowed_containers: [IMAGE],
    container_steps_file: '/nowhere/steps.yaml',
    container_conf_file: '/etc/containers/containers.conf',
    runner: 'podman',
    // As conductors before 2026.2 send them.
    pull_options: '--tls-verify=false',
    run_options: '--rm --network=host --tls-verify=false',
  });
  podman.container('echo flashed; env >"$dir/env"');
  await lives.start();
  await lives.conductor.nth('heartbeat', 1);
  const steps = (await lives.call('POST', GET_STEPS)).body.command_result;
  expect(Object.keys(steps.clean_steps)).toContain('ContainerHardwareManager');
  const beat = nextHeartbeat(lives);
  expect((await lives.call('POST', EXECUTE)).status).toBe(200);
  await beat;
  const done = (await listed(lives)).at(-1);
  expect(done).toMatchObject({ command_status: 'SUCCEEDED', command_result: { clean_result: null, clean_step: STEP } });
  expect(podman.calls()).toContain(`pull --tls-verify=false docker://${IMAGE}`);
  expect(podman.calls().join('\n')).toContain(` --rm --network=host --tls-verify=false docker://${IMAGE}\n`);
  expect(podman.calls().join('\n')).not.toContain(TOKEN);
  const logs = (await lives.call('POST', { name: 'log.collect_system_logs', params: {} })).body.command_result;
  const members = await unpack(Buffer.from(logs.system_logs, 'base64'));
  expect(members.get('containers/1-generic_container_step')?.toString()).toContain('flashed');
});

it('a container outlives an agent that is killed, and is ended when it starts again', async () => {
  const { lives, podman } = await withPodman({ allow_arbitrary_containers: true });
  podman.container('trap "" TERM; while :; do echo x >>"$dir/beats"; sleep 0.05; done');
  const agent = await lives.start();
  await lives.conductor.nth('heartbeat', 1);
  await lives.call('POST', EXECUTE);
  await vi.waitFor(() => expect(podman.text('beats')).not.toBe(''), { timeout: 20_000 });
  await agent.kill();
  const before = podman.text('beats');
  await vi.waitFor(() => expect(podman.text('beats')).not.toBe(before));
  maskTheToken(lives);
  const next = nextHeartbeat(lives);
  await lives.start();
  await next;
  expect(podman.calls().filter((line) => line.startsWith('rm '))).toEqual([
    expect.stringMatching(/^rm --force ironic-step-/),
  ]);
  const silent = podman.text('beats');
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(podman.text('beats')).toBe(silent);
  expect((await listed(lives)).at(-1)).toMatchObject({ command_status: 'FAILED' });
});
