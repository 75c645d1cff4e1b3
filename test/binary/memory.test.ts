import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bulkyStep, privateMiB } from '../kit/memory-of.ts';
import { livesOf } from '../kit/restart-kit.ts';

const BINARY = join(import.meta.dirname, '../../dist/ironic-node-agent');

it('after deployments with large config drives the executable is nearly as small as before', {
  timeout: 120_000,
}, async () => {
  const lives = await livesOf([], '1.96', BINARY);
  const agent = await lives.start();
  await lives.conductor.nth('heartbeat', 1);
  const before = privateMiB(agent.pid);
  for (const where of ['node', 'arguments', 'node'] as const) {
    const body = { name: 'deploy.execute_deploy_step', params: bulkyStep(where, 96) };
    expect((await lives.call('POST', body, undefined, 'wait=true')).body).toMatchObject({ command_status: 'FAILED' });
    await expect.poll(() => privateMiB(agent.pid), { timeout: 30_000, interval: 500 }).toBeLessThan(before + 32);
  }
});
