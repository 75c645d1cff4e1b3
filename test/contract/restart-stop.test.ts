import { describe, expect, it } from 'vitest';
import { livesOf, maskTheToken, nextHeartbeat, silentServer, waitingCommand } from '../kit/restart-kit.ts';

describe('an agent that is told to end (protocol.md 1.2)', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('%s: exits 0 at once when nothing runs', async (signal) => {
    const lives = await livesOf();
    const agent = await lives.start();
    await lives.conductor.nth('heartbeat', 1);
    process.kill(agent.pid, signal);
    expect(await agent.ended()).toBe(0);
    expect(agent.output()).toContain('agent.end');
    await expect(lives.call('GET')).rejects.toThrow('ECONNREFUSED');
  });

  it('stops what runs, answers who waits for it, and is the same agent afterwards', async () => {
    const lives = await livesOf();
    const agent = await lives.start();
    const before = await lives.conductor.nth('heartbeat', 1);
    const { url } = await silentServer();
    const waiting = lives.call('POST', waitingCommand(url), undefined, 'wait=true');
    await agent.sees(/command\.start.*prepare_image/);
    expect(await agent.terminate()).toBe(0);
    const stopped = {
      command_name: 'prepare_image',
      command_status: 'FAILED',
      command_error: {
        type: 'CommandExecutionError',
        details: 'standby.prepare_image was stopped: the agent was told to end (SIGTERM)',
      },
    };
    const { body } = await waiting;
    expect(body).toMatchObject(stopped);
    maskTheToken(lives);
    const next = nextHeartbeat(lives);
    await lives.start();
    expect((await next).body).toEqual(before.body);
    expect((await lives.call('GET')).body.commands).toEqual([body]);
  });

  it('ends while the conductor is silent, in whatever state', async () => {
    const lives = await livesOf();
    lives.conductor.script('lookup', 'hang');
    const agent = await lives.start();
    await lives.conductor.nth('lookup', 1);
    expect(await agent.terminate()).toBe(0);
  });
});
