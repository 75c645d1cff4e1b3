import { closeSync, openSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makePlace, startAgent } from '../kit/agent-process.ts';
import { callAgent, certificateOf } from '../kit/conductor-call.ts';
import { lookupDocument, startConductor, TOKEN } from '../kit/scripted-conductor.ts';

function fullDevice(): number {
  const fd = openSync('/dev/full', 'w');
  onTestFinished(() => closeSync(fd));
  return fd;
}

describe('an agent whose output goes nowhere', () => {
  it.each([
    ['standard output is full', () => [fullDevice(), 'pipe'] as const, false],
    ['standard error is full', () => ['pipe', fullDevice()] as const, false],
    ['nobody reads either any more', () => ['pipe', 'pipe'] as const, true],
  ])('works as ever: %s', async (_case, outputs, deaf) => {
    const conductor = await startConductor({ version: '1.96' });
    onTestFinished(() => conductor.close());
    // Held there until the pipes are closed.
    if (deaf) conductor.script('lookup', 'hang');
    const place = { ...(await makePlace()), outputs: outputs() };
    const common = ['--lookup_interval', '0', '--disk_wait_attempts', '0', '--http_request_timeout', '2'];
    const agent = await startAgent([...common, '--api_url', conductor.url], place);
    onTestFinished(async () => void (await agent.stop()));
    if (deaf) {
      await conductor.nth('lookup', 1);
      agent.deafen();
      conductor.script('lookup', { status: 200, json: lookupDocument() });
    }
    const beat = await conductor.nth('heartbeat', 1);
    const path = `/v1/commands/?wait=true&agent_token=${TOKEN}`;
    const call = () =>
      callAgent(place.port, certificateOf(beat), 'POST', path, {
        name: 'clean.get_clean_steps',
        params: { node: {}, ports: [] },
      });
    for (let count = 1; count <= 3; count += 1) expect((await call()).body.command_status).toBe('SUCCEEDED');
    expect(await agent.terminate()).toBe(0);
  });
});
