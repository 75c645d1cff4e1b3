import { afterAll, beforeAll, expect, it } from 'vitest';
import { bulkyStep, privateMiB } from '../kit/memory-of.ts';
import { type Subject, startSubject } from '../kit/subject.ts';

const SIZE = 96;
let agent: Subject;
let before = 0;
const now = () => privateMiB(agent.agent.pid);
beforeAll(async () => {
  agent = await startSubject('1.96');
  before = now();
}, 60_000);
afterAll(() => agent?.close());

it.each(['node', 'arguments', 'node'] as const)(
  'a config drive in the %s costs memory only while it is used',
  { timeout: 120_000 },
  async (where) => {
    const { body } = await agent.post('deploy.execute_deploy_step', bulkyStep(where, SIZE), 'wait=true');
    expect(body).toMatchObject({ command_status: 'FAILED' });
    // Less than the drive: it is neither kept nor left to a collector that an idle agent never calls.
    await expect.poll(now, { timeout: 30_000, interval: 500 }).toBeLessThan(before + SIZE);
  },
);
