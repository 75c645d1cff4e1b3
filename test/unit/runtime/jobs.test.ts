import { describe, expect, it } from 'vitest';
import { AgentError, VersionMismatch } from '../../../src/core/index.ts';
import { brief } from '../../../src/runtime/jobs/brief.ts';
import { createHistory } from '../../../src/runtime/jobs/history.ts';
import { type Job, toWire } from '../../../src/runtime/jobs/job.ts';
import { createJoining } from '../../../src/runtime/jobs/joining.ts';
import { createLock } from '../../../src/runtime/jobs/lock.ts';
import { failed, succeeded } from '../../../src/runtime/jobs/outcome.ts';

const job = (id: string, patch: Partial<Job> = {}): Job => ({
  id,
  name: 'clean.execute_clean_step',
  kind: 'async',
  step: null,
  status: 'SUCCEEDED',
  error: null,
  result: null,
  startedAt: 0,
  finishedAt: 1,
  ...patch,
});
const ids = (jobs: readonly Job[]) => jobs.map(({ id }) => id).join(' ');

describe('history', () => {
  it('keeps the newest finished jobs and every running one', async () => {
    const history = createHistory({ maxFinished: 2 });
    await history.add(job('a', { status: 'RUNNING' }));
    for (const id of ['b', 'c', 'd']) await history.add(job(id));
    expect(ids(history.all())).toBe('c d a');
    await history.replace(job('a'));
    expect(ids(history.all())).toBe('d a');
    expect(history.find('a')?.status).toBe('SUCCEEDED');
    expect(history.find('b')).toBeUndefined();
  });
});

describe('result conversion (protocol.md 7.3)', () => {
  const sync = { name: 'standby.sync', kind: 'sync' as const };
  const async = { name: 'standby.prepare_image', kind: 'async' as const };
  it.each([
    [sync, 'done', { result: 'done' }],
    [async, 'done', { result: 'prepare_image: done' }],
    [sync, null, null],
    [sync, undefined, null],
    [async, [1, undefined], [1, null]],
    [sync, { a: new Date(0), b: undefined }, { a: '1970-01-01T00:00:00.000Z' }],
  ])('%j %j', (what, value, result) => {
    expect(succeeded(what, value, [])).toEqual({ status: 'SUCCEEDED', error: null, result });
  });

  it('masks secrets and takes the config drive out of an echoed step', () => {
    const step = {
      step: 'write_image',
      interface: 'deploy',
      extra: [1],
      args: {
        configdrive: 'H4sI',
        image_info: { configdrive: 'H4sI', urls: ['http://a/b?sig=1'], image_server_password: 'pw' },
      },
    };
    const { result } = succeeded(async, { deploy_step: step, deploy_result: 'for token-token-1' }, ['token-token-1']);
    expect(result).toEqual({
      deploy_result: 'for ******',
      deploy_step: {
        ...step,
        args: {
          configdrive: '<...>',
          image_info: { configdrive: '<...>', urls: ['http://a/b?******'], image_server_password: '******' },
        },
      },
    });
  });

  it('leaves the log archive alone', () => {
    const value = { system_logs: 'Basic abcdefghijkl' };
    expect(succeeded(sync, value, []).result).toEqual(value);
  });
});

describe('errors on the wire (protocol.md 9)', () => {
  it.each([new Error('gone'), 'text', undefined, { odd: true }, new TypeError('')])('%j is complete', (thrown) => {
    const { status, error } = failed(thrown, []);
    expect(status).toBe('FAILED');
    expect(error).toMatchObject({ type: 'CommandExecutionError', code: 500, message: 'Command execution failed' });
    expect(typeof error?.details).toBe('string');
    expect(JSON.parse(JSON.stringify(error))).toEqual(error);
  });

  it('keeps type, code and facts, masks secrets', () => {
    const spec = { status: 500, message: 'An external program failed', doc: '' };
    const thrown = new AgentError('ToolFailed', spec, 'curl http://u:p@h/?x=1 failed: token-token-1', {
      data: { command: 'curl', exit_code: 7, password: 'pw' },
    });
    expect(failed(thrown, ['token-token-1']).error).toEqual({
      command: 'curl',
      exit_code: 7,
      password: '******',
      type: 'ToolFailed',
      code: 500,
      message: 'An external program failed',
      details: 'curl http://******@h/?****** failed: ******',
    });
  });

  it('facts that are not JSON are left out', () => {
    const thrown = VersionMismatch('x', { data: { big: 1n } });
    expect(failed(thrown, [])).toEqual({
      status: 'CLEAN_VERSION_MISMATCH',
      error: { type: 'VersionMismatch', code: 409, message: VersionMismatch.spec.message, details: 'x' },
      result: null,
    });
  });

  it('only a failed sync command keeps its full name', () => {
    const name = (patch: Partial<Job>) => toWire(job('a', patch)).command_name;
    expect(name({ kind: 'sync', status: 'FAILED' })).toBe('clean.execute_clean_step');
    expect(name({ kind: 'async', status: 'FAILED' })).toBe('execute_clean_step');
    expect(name({ kind: 'sync' })).toBe('execute_clean_step');
  });
});

describe('order of work', () => {
  it('one at a time, in order, also after a failure; a waiter may give up', async () => {
    const exclusively = createLock();
    const seen: string[] = [];
    const work = (name: string) => async () => {
      seen.push(`${name}+`);
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(`${name}-`);
      if (name === 'a') throw new Error('a');
    };
    const gone = new AbortController();
    const all = [exclusively(work('a')), exclusively(work('b'), gone.signal), exclusively(work('c'))];
    gone.abort(new Error('gone'));
    expect((await Promise.allSettled(all)).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    expect(seen).toEqual(['a+', 'a-', 'c+', 'c-']);
  });

  it('joins only the same request, and only while it is under way', async () => {
    const joined = createJoining<number>();
    let started = 0;
    const start = async () => {
      started += 1;
      return started;
    };
    const [a, b, c] = await Promise.all([
      joined('x', { n: 1 }, start),
      joined('x', { n: 1 }, start),
      joined('x', { n: 2 }, start),
    ]);
    expect([a, b, c]).toEqual([1, 1, 2]);
    expect(await joined('x', { n: 1 }, start)).toBe(3);
  });
});

describe('parameters for the log', () => {
  it('replaces bulk by its size', () => {
    expect(brief({ a: 'x'.repeat(1000), b: [{ c: 1 }], d: null })).toEqual({
      a: '<1000 characters>',
      b: [{ c: 1 }],
      d: null,
    });
  });
});
