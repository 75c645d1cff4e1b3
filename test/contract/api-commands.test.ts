import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InvalidCommandParams, VersionMismatch } from '../../src/core/index.ts';
import { ask, createLatch, type SmallPorts, small, startTestApi, TEST_TOKEN, type TestApi } from '../kit/api.ts';

const cyclic = () => {
  const value: Record<string, unknown> = {};
  value.self = value;
  return value;
};
const commands = [
  small('echo', { kind: 'sync' }, async (params) => ({ params })),
  small('text', { kind: 'sync' }, async () => 'hello'),
  small('nothing', { kind: 'sync' }, async () => undefined),
  small('fail', { kind: 'sync' }, () => Promise.reject(new TypeError('no disk'))),
  small('reject', { kind: 'sync' }, () => Promise.reject(InvalidCommandParams('not today'))),
  small('cyclic', { kind: 'sync' }, async () => cyclic()),
  small('big', { kind: 'async' }, async () => ({ value: 10n })),
  small('held', { kind: 'sync' }, async (_params, { ports }) => ports.latch.opened.then(() => 'held')),
  small('slow', { kind: 'async' }, async (_params, { ports, progress }) => {
    progress({ phase: 'wait', done: 1, total: 4, unit: 'items' });
    await ports.latch.opened;
    return 'slept';
  }),
  small('boom', { kind: 'async' }, () => Promise.reject(Object.assign(new Error('disk vanished'), cyclic()))),
  small('mismatch', { kind: 'async' }, () => Promise.reject(VersionMismatch('1.1 is not 1.2'))),
  small(
    'forever',
    { kind: 'async' },
    (_params, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
  ),
  small('aside', { kind: 'sync', whileBusy: true }, async () => ({ system_logs: 'QUJD', note: 'kept' })),
  small('aside_held', { kind: 'sync', whileBusy: true }, () => later.opened),
];

let api: TestApi;
let ports: SmallPorts;
let later = createLatch();
let finished = 0;
beforeEach(async () => {
  finished = 0;
  later = createLatch();
  ports = { latch: createLatch(), ran: [] };
  api = await startTestApi({
    commands,
    extensions: ['test', 'standby'],
    ports,
    onFinished: () => {
      finished += 1;
    },
  });
});
afterEach(async () => {
  ports.latch.open();
  later.open();
  await api.server.close();
});

const KEYS = ['command_error', 'command_name', 'command_result', 'command_status', 'id'];
const list = async () => (await api.get('/v1/commands/')).body.commands;
const until = async (id: string) => {
  for (;;) {
    const { body } = await api.get(`/v1/commands/${id}`);
    if (body.command_status !== 'RUNNING') return body;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

describe('sync commands', () => {
  it('answer with exactly five keys and the bare name (check 10)', async () => {
    const { status, body } = await api.post('test.echo', { a: 1 });
    expect(status).toBe(200);
    expect(Object.keys(body).sort()).toEqual(KEYS);
    expect(body).toMatchObject({ command_name: 'echo', command_status: 'SUCCEEDED', command_error: null });
    expect(body.command_result).toEqual({ params: { a: 1 } });
    expect(await list()).toEqual([body]);
    expect((await api.get(`/commands/${body.id}`)).body).toEqual(body);
  });

  it('wrap text and keep null (check 15)', async () => {
    expect((await api.post('test.text')).body.command_result).toEqual({ result: 'hello' });
    expect((await api.post('test.nothing')).body.command_result).toBeNull();
  });

  it.each([
    ['test.fail', 'no disk'],
    ['test.cyclic', 'cannot be written as JSON'],
  ])('%s is recorded as failed under its full name, and the list stays readable (check 13)', async (name, text) => {
    const { status, body } = await api.post(name);
    expect(status).toBe(200);
    expect(body).toMatchObject({ command_name: name, command_status: 'FAILED', command_result: null });
    expect(body.command_error).toMatchObject({
      type: 'CommandExecutionError',
      code: 500,
      message: 'Command execution failed',
    });
    expect(body.command_error.details).toContain(text);
    expect(await list()).toEqual([body]);
  });

  it('a fault of the request is a fault of HTTP and leaves no trace', async () => {
    const { status, body } = await api.post('test.reject');
    expect([status, body.faultstring]).toEqual([400, 'Invalid command parameters: not today']);
    expect(await list()).toEqual([]);
  });

  it('the same request twice does the work once and answers both', async () => {
    const both = [api.post('test.held', { n: 1 }), api.post('test.held', { n: 1 })];
    await expect.poll(() => api.logLines.join(''), { timeout: 20_000 }).toContain('"command.joined"');
    const other = api.post('test.echo');
    expect(ports.ran).toEqual(['held']);
    ports.latch.open();
    const [first, second] = await Promise.all(both);
    expect(second).toMatchObject({ body: first?.body });
    expect((await other).body.command_status).toBe('SUCCEEDED');
    expect(ports.ran).toEqual(['held', 'echo']);
    expect(finished).toBe(0);
  });
});

describe('async commands', () => {
  it('run at once, keep others out, and call for a heartbeat when done (checks 11, 17)', async () => {
    const { body } = await api.post('test.slow');
    expect(Object.keys(body).sort()).toEqual(KEYS);
    expect(body).toMatchObject({
      command_name: 'slow',
      command_status: 'RUNNING',
      command_error: null,
      command_result: null,
    });
    for (const name of ['test.slow', 'test.echo']) {
      const busy = await api.post(name);
      expect([busy.status, busy.body.faultstring]).toEqual([409, 'Agent is busy: executing command slow']);
    }
    expect((await api.get('/v1/status')).body).toMatchObject({
      command: { id: body.id, name: 'test.slow' },
      progress: { phase: 'wait', done: 1, total: 4 },
    });
    expect(finished).toBe(0);
    ports.latch.open();
    expect((await until(body.id)).command_result).toEqual({ result: 'slow: slept' });
    expect(finished).toBe(1);
    expect((await api.post('test.echo')).status).toBe(200);
    expect((await api.get('/v1/status')).body).toMatchObject({ command: null, progress: null });
  });

  it.each(['true', 'True', 'TRUE'])('wait=%s answers at the end (check 12)', async (wait) => {
    setTimeout(() => ports.latch.open(), 30);
    expect((await api.post('test.slow', {}, `wait=${wait}`)).body.command_status).toBe('SUCCEEDED');
  });

  it.each(['false', '1', 'yes', ''])('wait=%s does not', async (wait) => {
    expect((await api.post('test.slow', {}, `wait=${wait}`)).body.command_status).toBe('RUNNING');
  });

  it.each([
    ['test.boom', 'disk vanished'],
    ['test.big', 'cannot be written as JSON'],
  ])('%s fails with a complete error under its bare name (check 13)', async (name, text) => {
    const { status, body } = await api.post(name, {}, 'wait=true');
    expect(status).toBe(200);
    expect(body).toMatchObject({ command_name: name.slice(5), command_status: 'FAILED', command_result: null });
    expect(body.command_error).toMatchObject({ type: 'CommandExecutionError', code: 500 });
    expect(body.command_error.details).toContain(text);
    expect((await list()).length).toBe(1);
    expect(finished).toBe(1);
  });

  it('a version mismatch has a status of its own (check 14)', async () => {
    const { body } = await api.post('test.mismatch', {}, 'wait=true');
    expect(body).toMatchObject({
      command_status: 'CLEAN_VERSION_MISMATCH',
      command_error: { type: 'VersionMismatch', code: 409 },
    });
  });

  it('wait_timeout bounds the wait, not the command (protocol.md 7.5)', async () => {
    const early = await api.post('test.slow', {}, 'wait=true&wait_timeout=0.05');
    expect(early.body).toMatchObject({ command_name: 'slow', command_status: 'RUNNING' });
    ports.latch.open();
    await until(early.body.id);
    expect((await api.post('test.slow', {}, 'wait=true&wait_timeout=30')).body.command_status).toBe('SUCCEEDED');
    expect((await api.post('test.slow', {}, 'wait_timeout=30')).body.command_status).toBe('RUNNING');
  });

  it('wait on reading one command answers at its end, within wait_timeout, and not otherwise', async () => {
    const { id } = (await api.post('test.slow')).body;
    const get = (command: string, query: string) =>
      ask(`${api.base}/v1/commands/${command}?agent_token=${TEST_TOKEN}&${query}`);
    const read = async (query: string) => (await get(id, query)).body.command_status;
    for (const query of ['', 'wait=false', 'wait=1', 'wait_timeout=30', 'wait=true&wait_timeout=0.05'])
      expect(await read(query), query).toBe('RUNNING');
    const atEnd = read('wait=True');
    expect(await Promise.race([atEnd, sleep(100, 'no answer')])).toBe('no answer');
    ports.latch.open();
    expect(await atEnd).toBe('SUCCEEDED');
    expect(await read('wait=true')).toBe('SUCCEEDED');
    expect((await get(id, 'wait=true&wait_timeout=x')).status).toBe(400);
    expect((await get('unknown', 'wait=true')).status).toBe(404);
  });

  it.each(['', 'x', '-1', '1e3', '99999', '0x10', 'NaN'])('wait_timeout=%s is refused', async (limit) => {
    const { status, body } = await api.post('test.slow', {}, `wait=true&wait_timeout=${limit}`);
    expect([status, body.faultstring]).toEqual([400, expect.stringContaining('wait_timeout must be a number')]);
    expect(await list()).toEqual([]);
  });

  it('DELETE stops a running command, and leaves one that has ended as it is', async () => {
    const { body: running } = await api.post('test.forever');
    const address = `${api.base}/v1/commands/${running.id}`;
    expect((await ask(address, { method: 'DELETE' })).status).toBe(401);
    const withToken = `${address}?agent_token=${TEST_TOKEN}&wait=true`;
    const { status, body } = await ask(withToken, { method: 'DELETE', body: 'of no interest' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: running.id, command_name: 'forever', command_status: 'FAILED' });
    expect(body.command_error).toMatchObject({
      type: 'CommandExecutionError',
      details: 'test.forever was cancelled on request',
    });
    expect((await ask(withToken, { method: 'DELETE' })).body).toEqual(body);
    const unknown = await ask(`${api.base}/v1/commands/x?agent_token=${TEST_TOKEN}`, { method: 'DELETE' });
    expect([unknown.status, unknown.body.faultstring]).toEqual([404, 'Not found: Command Result with id x not found.']);
    const put = await ask(withToken, { method: 'PUT', body: '{}' });
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'DELETE, GET, HEAD, OPTIONS']);
  });

  it('DELETE answers at once unless it is told to wait', async () => {
    const { body: running } = await api.post('test.forever');
    const answer = await ask(`${api.base}/commands/${running.id}?agent_token=${TEST_TOKEN}`, { method: 'DELETE' });
    expect(answer.body).toEqual(running);
    expect((await until(running.id)).command_status).toBe('FAILED');
  });

  it('can be cancelled from inside', async () => {
    const { body } = await api.post('test.forever');
    expect(api.jobs.cancel('another')).toBe(false);
    expect(api.jobs.cancel(body.id)).toBe(true);
    expect((await until(body.id)).command_error.details).toBe('test.forever was cancelled on request');
    expect(api.jobs.cancel(body.id)).toBe(false);
  });

  it('a command beside a running one does not take its place at the end of the list', async () => {
    const { body: slow } = await api.post('test.slow');
    const { body: aside } = await api.post('test.aside');
    expect(aside).toMatchObject({ command_status: 'SUCCEEDED', command_result: { system_logs: 'QUJD', note: 'kept' } });
    const seen = await list();
    expect(seen.map((c: { id: string }) => c.id)).toEqual([aside.id, slow.id]);
    expect(seen[0].command_result).toEqual({ system_logs: '<...>', note: 'kept' });
    expect((await api.post('test.echo')).status).toBe(409);
  });

  it('nor does one that outlives it: a conductor would wait for the news of its step for ever', async () => {
    const { body: slow } = await api.post('test.slow');
    const aside = api.post('test.aside_held');
    await expect.poll(() => ports.ran).toEqual(['slow', 'aside_held']);
    ports.latch.open();
    await until(slow.id);
    const { body: next } = await api.post('test.forever');
    api.jobs.cancel(next.id);
    await until(next.id);
    later.open();
    const { body: last } = await aside;
    expect((await list()).map((c: { id: string }) => c.id)).toEqual([last.id, slow.id, next.id]);
  });
});

describe('requests that cannot be served (checks 8, 9)', () => {
  const send = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
    ask(`${api.base}/v1/commands/?agent_token=${TEST_TOKEN}`, { method: 'POST', body, headers });

  it.each([
    '',
    '{',
    '{"name": "test.echo", "params": {}',
    'nope',
    '{"name":"test.echo","params":{}}}',
    '"',
    '\u0000',
    '{"a":1,}',
  ])('malformed JSON %j', async (text) => {
    const { status, body } = await send(text);
    expect(status).toBe(400);
    expect(body.faultstring).toMatch(/^400 Bad Request: Failed to decode JSON object: /);
    expect(await list()).toEqual([]);
  });

  it.each([
    [],
    {},
    null,
    7,
    'text',
    { name: 'test.echo' },
    { params: {} },
    { name: 'test.echo', params: [] },
    { name: 'test.echo', params: null },
    { name: 7, params: {} },
    { name: ['test.echo'], params: {} },
    { name: null, params: {} },
  ])('not a command: %j', async (value) => {
    const { status, body } = await send(JSON.stringify(value));
    expect(status).toBe(400);
    expect(body).toEqual({ faultcode: 'Client', faultstring: '400 Bad Request: Missing or invalid name or params' });
    expect(await list()).toEqual([]);
  });

  it.each([
    ['nodot', 400, 'Invalid command: Command name must be of the form <extension>.<name>'],
    ['nope.x', 404, 'Not found: Extension with id nope not found.'],
    ['standby.nope', 400, 'Invalid command: Unknown command: nope'],
    ['test.a.b', 400, 'Invalid command: Unknown command: a.b'],
    ['.', 404, 'Not found: Extension with id  not found.'],
    ['test.__proto__', 400, 'Invalid command: Unknown command: __proto__'],
  ])('%s', async (name, status, text) => {
    const answer = await api.post(name);
    expect([answer.status, answer.body.faultstring]).toEqual([status, text]);
    expect(await list()).toEqual([]);
  });

  it('a fault never repeats more than a glimpse, nor the words that mislead a conductor', async () => {
    const { body } = await api.post(`agent_token.${'x'.repeat(5000)}`);
    expect(body.faultstring.length).toBeLessThan(300);
    expect(body.faultstring).not.toContain('agent_token');
  });

  it.each(['text/plain', 'application/xml', ';;;', 'multipart/form-data'])(
    'content type %s does not matter',
    async (type) => {
      const { status } = await send('{"name":"test.echo","params":{}}', { 'content-type': type });
      expect(status).toBe(200);
    },
  );

  it('text that is not UTF-8 is refused', async () => {
    const { status } = await send(
      new Uint8Array([...Buffer.from('{"name":"'), 0xff, ...Buffer.from('","params":{}}')]),
    );
    expect(status).toBe(400);
  });
});
