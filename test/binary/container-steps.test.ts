import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { livesOf, nextHeartbeat } from '../kit/restart-kit.ts';
import { lookupDocument } from '../kit/scripted-conductor.ts';
import { scriptedPodman } from '../kit/scripted-podman.ts';

const binary = join(import.meta.dirname, '../../dist/ironic-node-agent');
const STEPS = `steps:
  - {name: vendor_flash, image: quay.io/acme/flash, interface: deploy, priority: 7, reboot_requested: no, abortable: yes}
`;

it('the single executable reads a file of container steps and runs one of them', async () => {
  if (!existsSync(binary)) throw new Error(`${binary} is absent: run npm run build`);
  const lives = await livesOf([], '1.96', binary);
  const podman = scriptedPodman(lives.place.home);
  const file = join(lives.place.home, 'steps.yaml');
  podman.write('../steps.yaml', STEPS);
  const containers = { container_steps_file: file };
  lives.conductor.script('lookup', { status: 200, json: lookupDocument({ agent_containers: containers }) });
  await lives.start();
  await lives.conductor.nth('heartbeat', 1);
  const asked = { name: 'clean.get_clean_steps', params: { node: {}, ports: [] } };
  const { clean_steps: steps } = (await lives.call('POST', asked)).body.command_result;
  const flash = steps.ContainerHardwareManager.find(({ step }: { step: string }) => step === 'vendor_flash');
  expect(flash).toMatchObject({ priority: 7, reboot_requested: false, abortable: true });
  const beat = nextHeartbeat(lives);
  await lives.call('POST', { name: 'clean.execute_clean_step', params: { node: {}, ports: [], step: flash } });
  await beat;
  const { commands } = (await lives.call('GET')).body;
  expect(commands.at(-1)).toMatchObject({ command_status: 'SUCCEEDED', command_result: { clean_step: flash } });
  expect(podman.calls()).toContain('pull quay.io/acme/flash');
});
