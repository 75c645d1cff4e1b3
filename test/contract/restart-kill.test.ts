import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { AgentProcess } from '../kit/agent-process.ts';
import { certificateOf } from '../kit/conductor-call.ts';
import {
  idsOf,
  type Lives,
  livesOf,
  maskTheToken,
  nextHeartbeat,
  silentServer,
  waitingCommand,
} from '../kit/restart-kit.ts';
import { lookupDocument, TOKEN } from '../kit/scripted-conductor.ts';

const GET_STEPS = { name: 'clean.get_clean_steps', params: { node: {}, ports: [] } };
const restarted = (name: string) =>
  expect.objectContaining({
    type: 'CommandExecutionError',
    code: 500,
    details: expect.stringMatching(
      new RegExp(`^agent restarted while ${name} was running: .*start the operation again`),
    ),
  });

/** Starts over and compares what the conductor pins. */
async function restart(lives: Lives, killed: AgentProcess): Promise<AgentProcess> {
  const before = lives.conductor.seen('heartbeat').at(-1);
  await killed.kill();
  const next = nextHeartbeat(lives);
  const agent = await lives.start();
  const beat = await next;
  expect(beat.body).toEqual(before?.body);
  expect(certificateOf(beat)).toContain('BEGIN CERTIFICATE');
  return agent;
}

describe('an agent that is killed before it serves', () => {
  const INSPECT = ['--inspection_collectors', 'default'];
  it.each<readonly [string, RegExp, (lives: Lives) => void, (lives: Lives) => void]>([
    ['as it starts', /agent\.start/, () => undefined, () => undefined],
    ['while it settles', /boot\.phase\.start phase=settling/, () => undefined, () => undefined],
    [
      'while it inspects',
      /boot\.phase\.start phase=inspecting/,
      ({ conductor }) => conductor.script('inspection', 'hang'),
      ({ conductor }) => conductor.script('inspection', { status: 200, json: {} }),
    ],
    [
      'while it looks up',
      /boot\.phase\.start phase="looking up"/,
      ({ conductor }) => conductor.script('lookup', 'hang'),
      ({ conductor }) => conductor.script('lookup', { status: 200, json: lookupDocument() }),
    ],
    // From here on the conductor tells the token no more.
    ['while it secures', /boot\.phase\.start phase=securing/, () => undefined, maskTheToken],
    ['when the certificate is made', /certificate\.made/, () => undefined, maskTheToken],
    ['when it listens', /api\.listening/, () => undefined, maskTheToken],
  ])('%s comes up again and serves', async (_when, seen, prepare, then) => {
    const lives = await livesOf(INSPECT);
    prepare(lives);
    const first = await lives.start(INSPECT);
    await first.sees(seen);
    await first.kill();
    then(lives);
    const next = nextHeartbeat(lives);
    const second = await lives.start(INSPECT);
    expect(Object((await next).body)).toMatchObject({
      agent_token: TOKEN,
      callback_url: `https://127.0.0.1:${lives.place.port}`,
    });
    expect((await lives.call('GET')).body).toEqual({ commands: [] });
    expect(first.output() + second.output()).not.toContain(TOKEN);
  });

  it('does not send an inventory again that was taken, and looks up by the UUID it got for it', async () => {
    const lives = await livesOf(INSPECT);
    const first = await lives.start();
    await lives.conductor.nth('heartbeat', 1);
    maskTheToken(lives);
    lives.conductor.script('inspection', { status: 404 });
    await restart(lives, first);
    expect(lives.conductor.seen('inspection')).toHaveLength(1);
    const [before, after] = lives.conductor.seen('lookup');
    expect(after?.query.get('node_uuid')).toBe(before?.query.get('node_uuid'));
    expect(after?.query.get('node_uuid')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('an agent that is killed while it serves (protocol.md 1.3, 8.5)', () => {
  async function serving() {
    const lives = await livesOf();
    const agent = await lives.start();
    await lives.conductor.nth('heartbeat', 1);
    maskTheToken(lives);
    return { lives, agent };
  }

  it('is the same agent when nothing ran, also the second time', async () => {
    const { lives, agent } = await serving();
    await lives.call('POST', GET_STEPS);
    const history = (await lives.call('GET')).body;
    const second = await restart(lives, agent);
    expect((await lives.call('GET')).body).toEqual(history);
    await restart(lives, second);
    expect((await lives.call('GET')).body).toEqual(history);
    expect((await lives.call('GET', undefined, 'x'.repeat(43))).status).toBe(401);
  });

  it('tells that the running command failed, under its id and in its place, and presses to be heard', async () => {
    const { lives, agent } = await serving();
    await lives.call('POST', GET_STEPS);
    const { url } = await silentServer();
    const started = await lives.call('POST', waitingCommand(url));
    expect(started.body).toMatchObject({ command_name: 'prepare_image', command_status: 'RUNNING' });
    const history = (await lives.call('GET')).body.commands;
    const second = await restart(lives, agent);
    // Nobody asks, so it comes again long before the interval of 300 s.
    await nextHeartbeat(lives);
    const { commands } = (await lives.call('GET')).body;
    expect(idsOf(commands)).toEqual(idsOf(history));
    expect(commands[0]).toEqual(history[0]);
    const failed = { command_name: 'prepare_image', command_status: 'FAILED', command_result: null };
    expect(commands[1]).toMatchObject({ ...failed, command_error: restarted('standby.prepare_image') });
    expect(second.output()).toMatch(/agent\.restarted.*standby\.prepare_image/);
    expect(second.output()).toMatch(/^error +agent restarted while standby\.prepare_image/m);
    // The agent works on.
    expect((await lives.call('POST', waitingCommand(url))).body).toMatchObject({ command_status: 'RUNNING' });
  });

  it('has lost nothing when a synchronous command was under way', async () => {
    const { lives, agent } = await serving();
    await lives.call('POST', GET_STEPS);
    const history = (await lives.call('GET')).body;
    const cut = lives.call('POST', { name: 'poll.get_hardware_info', params: {} }).then(
      ({ status }) => status,
      () => 'cut',
    );
    await agent.sees(/command\.start.*poll\.get_hardware_info/);
    await restart(lives, agent);
    const ended = (await cut) === 200 ? 1 : 0;
    const { commands } = (await lives.call('GET')).body;
    expect(commands.slice(0, 1)).toEqual(history.commands);
    expect(commands.length).toBeLessThanOrEqual(2);
    expect(commands.length).toBeGreaterThanOrEqual(1 + ended);
  });

  it('reports the end of a command that nobody had heard of', async () => {
    const { lives, agent } = await serving();
    // The command fails at once, for that is no config drive. Every heartbeat from now on goes nowhere.
    lives.conductor.script('heartbeat', 'hang');
    await lives.call('POST', waitingCommand('%%%'));
    const status = async () => (await lives.call('GET')).body.commands[0].command_status;
    await expect.poll(status, { timeout: 20_000 }).toBe('FAILED');
    const history = (await lives.call('GET')).body;
    lives.conductor.script('heartbeat', { status: 202 });
    await restart(lives, agent);
    expect((await lives.call('GET')).body).toEqual(history);
  });

  it('never forgets an answered command, whenever it is killed', async () => {
    const { lives, agent } = await serving();
    const answered: string[] = [];
    let life = agent;
    for (const afterMs of [3, 40, 90, 150]) {
      const stop = sleep(afterMs);
      let alive = true;
      const posting = (async () => {
        while (alive) {
          const reply = await lives.call('POST', GET_STEPS).catch(() => null);
          if (reply === null) return;
          answered.push(reply.body.id);
        }
      })();
      await stop;
      life = await restart(lives, life);
      alive = false;
      await posting;
      const known = idsOf((await lives.call('GET')).body.commands);
      // One more may have been noted without its answer reaching us.
      expect(known.filter((id) => answered.includes(id))).toEqual(answered);
    }
    expect(answered.length).toBeGreaterThan(3);
  });
});
