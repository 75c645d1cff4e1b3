import { afterEach, describe, expect, it } from 'vitest';
import {
  certificateOf,
  type Lives,
  type SilentServer,
  startLives,
  startSilentServer,
  waitingCommand,
} from '../kit/restart-kit.ts';
import { lookupDocument, TOKEN } from '../kit/scripted-conductor.ts';

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function livesOf(...args: Parameters<typeof startLives>): Promise<Lives> {
  const lives = await startLives(...args);
  open.push(lives);
  return lives;
}
async function silent(): Promise<SilentServer> {
  const server = await startSilentServer();
  open.push(server);
  return server;
}
/** After the first lookup of a boot, Ironic tells the token no more. */
const maskTheToken = ({ conductor }: Lives) =>
  conductor.script('lookup', { status: 200, json: lookupDocument({ agent_token: '******' }) });

describe('an agent that is killed and restarted (protocol.md 1.3, 8.5)', () => {
  it('is the same agent: certificate, address, token, history; what ran has failed', async () => {
    const lives = await livesOf();
    const first = await lives.start();
    const before = await lives.conductor.nth('heartbeat', 1);
    const drive = await silent();
    expect((await lives.call('POST', { name: 'clean.get_clean_steps', params: { node: {}, ports: [] } })).status).toBe(
      200,
    );
    const started = await lives.call('POST', waitingCommand(drive.url));
    expect(started.body).toMatchObject({ command_name: 'prepare_image', command_status: 'RUNNING' });
    const history = (await lives.call('GET')).body.commands;
    await first.kill();
    maskTheToken(lives);

    const second = await lives.start();
    const after = await lives.conductor.nth('heartbeat', lives.conductor.seen('heartbeat').length + 1);
    expect(after.body).toEqual(before.body);
    expect(certificateOf(after)).toContain('BEGIN CERTIFICATE');
    const { commands } = (await lives.call('GET')).body;
    expect(commands.map(({ id }: { id: string }) => id)).toEqual(history.map(({ id }: { id: string }) => id));
    expect(commands[0]).toEqual(history[0]);
    expect(commands[1]).toMatchObject({
      command_name: 'prepare_image',
      command_status: 'FAILED',
      command_result: null,
      command_error: {
        type: 'CommandExecutionError',
        code: 500,
        details: expect.stringMatching(
          /^agent restarted while standby\.prepare_image was running: .*start the operation again/,
        ),
      },
    });
    expect((await lives.call('GET', undefined, 'x'.repeat(43))).status).toBe(401);
    expect(first.output() + second.output()).not.toContain(TOKEN);
  });
});
