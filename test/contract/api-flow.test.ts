import { Type } from 'typebox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defineCommand, type Run } from '../../src/core/index.ts';
import { flowCommands } from '../../src/extensions/commands/flow.ts';
import type { AgentPorts } from '../../src/extensions/index.ts';
import { type AgentApi, startAgentApi } from '../kit/agent-api.ts';

let ran: string[];
let api: AgentApi;

const simple = (name: string, kind: 'sync' | 'async', run: (run: Run<AgentPorts>) => Promise<unknown>) =>
  defineCommand({
    name: `test.${name}`,
    kind,
    doc: 'For tests.',
    result: 'none',
    params: Type.Object({ n: Type.Optional(Type.Integer()) }),
    throws: [],
    run: ({ n = 0 }, context: Run<AgentPorts>) => {
      ran.push(`${name} ${n}`);
      return run(context);
    },
  });
const table = [
  simple('first', 'sync', async () => 'text'),
  simple('later', 'async', () => new Promise((resolve) => setTimeout(resolve, 20))),
  simple('broken', 'async', () => Promise.reject(new Error('no power'))),
  simple(
    'endless',
    'async',
    ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
  ),
];
const flowOver = flowCommands(table, ['test', 'standby', 'flow']);

beforeEach(async () => {
  ran = [];
  // The real flow, over commands of the test.
  api = await startAgentApi({ more: flowOver.map((command) => ({ ...command, name: 'log.flow' })) });
});
afterEach(() => api.server.close());

const flow = (...items: unknown[]) => api.post('log.flow', { flow: items }, 'wait=true');
const names = async () => {
  const { commands } = (await api.get('/v1/commands/')).body;
  return commands.map((one: { command_name: string }) => one.command_name);
};

describe('flow.start_flow', () => {
  it('runs everything in order, one after the other, and keeps no inner result', async () => {
    const { body } = await flow({ 'test.later': { n: 1 }, 'test.first': { n: 2 } }, { 'test.later': { n: 3 } });
    expect(body).toMatchObject({ command_name: 'flow', command_status: 'SUCCEEDED', command_result: null });
    expect(ran).toEqual(['later 1', 'first 2', 'later 3']);
    expect(await names()).toEqual(['flow']);
  });

  it('stops at the first that fails', async () => {
    const { body } = await flow({ 'test.first': {} }, { 'test.broken': {} }, { 'test.first': { n: 9 } });
    expect(body.command_error).toMatchObject({
      type: 'CommandExecutionError',
      details: 'test.broken was failed: no power',
    });
    expect(ran).toEqual(['first 0', 'broken 0']);
  });

  it('an unknown extension is a recorded failure, and nothing runs', async () => {
    const { status, body } = await flow({ 'test.first': {} }, { 'nope.x': {} });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      command_name: 'log.flow',
      command_status: 'FAILED',
      command_error: { type: 'RequestedObjectNotFoundError', code: 404, details: 'Extension with id nope not found.' },
    });
    expect(await names()).toEqual(['log.flow']);
    expect(ran).toEqual([]);
    expect((await api.post('standby.get_partition_uuids')).status).toBe(200);
  });

  it.each([
    [[{ 'test.nope': {} }], 'Invalid command: Unknown command: nope'],
    [[{ 'flow.start_flow': { flow: [] } }], 'Invalid command: Unknown command: start_flow'],
    [[{ nodot: {} }], 'Invalid command: Command name must be of the form <extension>.<name>'],
    [[{ 'test.first': {} }, { 'test.first': { n: 'x' } }], expect.stringMatching(/^Invalid command parameters: /)],
    ['x', expect.stringMatching(/^Invalid command parameters: /)],
    [[{ 'test.first': [] }], expect.stringMatching(/^Invalid command parameters: /)],
  ])('%j is refused over HTTP, and nothing runs', async (given, fault) => {
    const { status, body } = await api.post('log.flow', { flow: given });
    expect([status, body.faultstring]).toEqual([400, fault]);
    expect([ran, await names()]).toEqual([[], []]);
  });

  it('keeps others out while it runs, and ends when it is cancelled', async () => {
    const { body } = await api.post('log.flow', { flow: [{ 'test.endless': {} }, { 'test.first': {} }] });
    expect((await api.post('standby.get_partition_uuids')).status).toBe(409);
    expect(api.jobs.cancel(body.id)).toBe(true);
    await expect.poll(async () => (await api.get(`/v1/commands/${body.id}`)).body.command_status).toBe('FAILED');
    expect(ran).toEqual(['endless 0']);
  });

  it('is in the table, over every other command', async () => {
    const { body } = await api.post('flow.start_flow', { flow: [{ 'standby.get_partition_uuids': {} }] }, 'wait=true');
    expect(body).toMatchObject({ command_name: 'start_flow', command_status: 'SUCCEEDED' });
  });
});
