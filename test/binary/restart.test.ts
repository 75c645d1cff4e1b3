import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { livesOf, maskTheToken, nextHeartbeat, silentServer, waitingCommand } from '../kit/restart-kit.ts';

const binary = join(import.meta.dirname, '../../dist/ironic-node-agent');

it('the single executable survives a kill as the same agent', async () => {
  if (!existsSync(binary)) throw new Error(`${binary} is absent: run npm run build`);
  const lives = await livesOf([], '1.96', binary);
  const first = await lives.start();
  const before = await lives.conductor.nth('heartbeat', 1);
  const { url } = await silentServer();
  const { id } = (await lives.call('POST', waitingCommand(url))).body;
  await first.kill();
  maskTheToken(lives);
  const next = nextHeartbeat(lives);
  await lives.start();
  expect((await next).body).toEqual(before.body);
  const { commands } = (await lives.call('GET')).body;
  expect(commands).toMatchObject([{ id, command_name: 'prepare_image', command_status: 'FAILED' }]);
  expect(commands[0].command_error.details).toMatch(/^agent restarted while standby\.prepare_image was running/);
});
