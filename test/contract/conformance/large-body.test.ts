import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MiB } from '../../../src/core/index.ts';
import { TOKEN } from '../../kit/scripted-conductor.ts';
import { type Subject, startSubject } from '../../kit/subject.ts';

/** protocol.md 14, check 23, from outside. */
let agent: Subject;
beforeAll(async () => {
  agent = await startSubject('1.96');
}, 60_000);
afterAll(() => agent?.close());

const PIECE = 'Q29uZmlnRHJpdmU0Nzkx';
const DRIVE = PIECE.repeat(Math.ceil((34 * MiB) / PIECE.length));

describe('a large deployment', () => {
  it('check 23: a step of 100 MiB is accepted; the log holds neither token nor config drive', async () => {
    const step = {
      step: 'no_such_step',
      interface: 'deploy',
      args: { configdrive: DRIVE, image_info: { id: 'i', configdrive: DRIVE } },
    };
    const params = { step, node: { uuid: 'f0c1', instance_info: { configdrive: DRIVE } }, ports: [] };
    const { status, body, text } = await agent.post('deploy.execute_deploy_step', params, 'wait=true');
    expect(status).toBe(200);
    expect(body).toMatchObject({ command_name: 'execute_deploy_step', command_status: 'FAILED' });
    expect(body.command_error.details).toBe('Could not find method: no_such_step');
    const listed = JSON.stringify(await agent.list());
    const log = agent.agent.output();
    expect(log).toMatch(/command\.start/);
    expect(log).toMatch(/command\.params/);
    for (const seen of [text, listed, log]) {
      expect(seen.includes(PIECE)).toBe(false);
      expect(seen.includes(TOKEN)).toBe(false);
    }
  });
});
