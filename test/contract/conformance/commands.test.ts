import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask, createLatch, small, startTestApi, TEST_TOKEN, type TestApi } from '../../kit/api.ts';
import { waitingCommand } from '../../kit/restart-kit.ts';
import { type HeldServer, type Subject, startHeldServer, startSubject } from '../../kit/subject.ts';

/** protocol.md 14, checks 10 to 15, from outside. */
let agent: Subject;
beforeAll(async () => {
  agent = await startSubject('1.96');
}, 60_000);
afterAll(() => agent?.close());

let drive: HeldServer;
let api: TestApi | null = null;
afterEach(async () => {
  drive?.release();
  await drive?.close().catch(() => undefined);
  await api?.server.close();
  api = null;
});

const KEYS = ['command_error', 'command_name', 'command_result', 'command_status', 'id'];
const NODE = { uuid: 'f0c1', properties: {}, instance_info: null };
const statusOf = async (id: string) => (await agent.list()).find((one) => one.id === id)?.command_status;

/** An async command that waits for its config drive, and fails when the server lets go: far from every disk. */
const start = async (query = '') => {
  drive = await startHeldServer();
  const { name, params } = waitingCommand(drive.url);
  return agent.post(name, params, query);
};

describe('commands', () => {
  it('check 10: a sync reply has exactly the five keys and the bare name', async () => {
    const { status, body } = await agent.post('standby.get_partition_uuids', {}, 'wait=true');
    expect([status, Object.keys(body).sort()]).toEqual([200, KEYS]);
    expect(body).toMatchObject({
      command_name: 'get_partition_uuids',
      command_status: 'SUCCEEDED',
      command_result: {},
    });
  });

  it('check 11: an async one answers RUNNING at once; others get 409 until it has ended', async () => {
    const { status, body } = await start('wait=false');
    expect([status, Object.keys(body).sort()]).toEqual([200, KEYS]);
    expect(body).toMatchObject({ command_name: 'prepare_image', command_status: 'RUNNING', command_result: null });
    const busy = await agent.post('standby.get_partition_uuids', {}, 'wait=true');
    expect([busy.status, busy.body.faultstring]).toEqual([409, 'Agent is busy: executing command prepare_image']);
    drive.release();
    await expect.poll(() => statusOf(body.id), { timeout: 20_000 }).toBe('FAILED');
    expect((await agent.post('standby.get_partition_uuids')).status).toBe(200);
  });

  it.each(['true', 'True'])('check 12: wait=%s answers at the end', async (wait) => {
    const order: string[] = [];
    const reply = start(`wait=${wait}`).then((answer) => {
      order.push('answer');
      return answer;
    });
    await expect.poll(async () => (await agent.list()).at(-1)?.command_status, { timeout: 20_000 }).toBe('RUNNING');
    order.push('release');
    drive.release();
    expect((await reply).body.command_status).toBe('FAILED');
    expect(order).toEqual(['release', 'answer']);
  });

  it.each(['false', '1', 'yes', ''])('check 12: wait=%s answers at once', async (wait) => {
    const { body } = await start(`wait=${wait}`);
    expect(body.command_status).toBe('RUNNING');
    drive.release();
    await expect.poll(() => statusOf(body.id), { timeout: 20_000 }).toBe('FAILED');
  });

  it('check 13: a failed async command has a whole error, and the list stays readable', async () => {
    drive = await startHeldServer();
    drive.release();
    const { name, params } = waitingCommand(drive.url);
    const { status, body } = await agent.post(name, params, 'wait=true');
    expect(status).toBe(200);
    expect(body).toMatchObject({ command_name: 'prepare_image', command_status: 'FAILED', command_result: null });
    expect(body.command_error).toMatchObject({
      type: expect.any(String),
      code: expect.any(Number),
      message: expect.any(String),
      details: expect.stringContaining('404'),
    });
    expect((await agent.list()).at(-1)).toEqual(body);
  });

  it.each(['clean', 'deploy', 'service'])(
    'check 14: a %s step planned for other managers is told apart',
    async (kind) => {
      const step = { step: 'no_such_step', interface: 'deploy' };
      const params = { step, node: NODE, ports: [], [`${kind}_version`]: { generic_hardware_manager: '0' } };
      const { status, body } = await agent.post(`${kind}.execute_${kind}_step`, params, 'wait=true');
      expect(status).toBe(200);
      expect(body).toMatchObject({
        command_name: `execute_${kind}_step`,
        command_status: 'CLEAN_VERSION_MISMATCH',
        command_error: { type: 'VersionMismatch', code: 409 },
        command_result: null,
      });
    },
  );
});

/** No command of the agent returns text, breaks JSON or throws what is no error: these do, on the same server. */
const odd = (value: unknown) => () => Promise.reject(value);
const cyclic = Object.assign(new Error('cyclic'), { self: {} });
cyclic.self = cyclic;
const faults: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['error', odd(new TypeError('no disk'))],
  ['text', odd('just text')],
  ['nothing', odd(undefined)],
  ['cyclic', odd(cyclic)],
  ['bigint', async () => ({ size: 10n })],
  ['loop', async () => cyclic],
  [
    'thrower',
    () => {
      throw new RangeError('at once');
    },
  ],
];

describe('results and failures of every kind', () => {
  const serve = async () => {
    const commands = (['sync', 'async'] as const).flatMap((kind) => [
      ...faults.map(([name, run]) => small(`${name}_${kind}`, { kind }, run)),
      small(`say_${kind}`, { kind }, async () => 'hello'),
    ]);
    api = await startTestApi({ commands, extensions: ['test'], ports: { latch: createLatch(), ran: [] } });
    return api;
  };

  it('check 13: after every kind of failure the list is readable', async () => {
    const { post, base } = await serve();
    for (const [fault] of faults)
      for (const kind of ['sync', 'async']) {
        const { status, body } = await post(`test.${fault}_${kind}`, {}, 'wait=true');
        const name = `${kind === 'sync' ? 'test.' : ''}${fault}_${kind}`;
        expect([status, body.command_name, body.command_status]).toEqual([200, name, 'FAILED']);
        expect(body.command_error).toMatchObject({
          type: 'CommandExecutionError',
          code: 500,
          details: expect.any(String),
        });
        const list = await ask(`${base}/v1/commands/?agent_token=${TEST_TOKEN}`);
        expect([list.status, list.body.commands.at(-1)]).toEqual([200, body]);
      }
  });

  it('check 15: text is wrapped, that of an async command after its name', async () => {
    const { post } = await serve();
    expect((await post('test.say_sync')).body.command_result).toEqual({ result: 'hello' });
    expect((await post('test.say_async', {}, 'wait=true')).body.command_result).toEqual({ result: 'say_async: hello' });
  });
});
