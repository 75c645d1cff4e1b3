import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MiB, silentLog } from '../../../src/core/index.ts';
import { createTools, defineTool } from '../../../src/system/index.ts';

const tools = createTools(silentLog);
const facts = {
  packages: { debian: 'dash', redhat: 'dash' },
  effect: 'reads',
  timeoutMs: 30_000,
} as const;

describe('a program', () => {
  it('runs within the memory it is given, with its environment', async () => {
    const limited = defineTool({
      ...facts,
      bin: 'sh',
      env: { FLAVOUR: 'salt' },
      memoryLimit: (i: { readonly bytes: number }) => i.bytes,
      argv: () => ['-c', 'ulimit -v; echo "$FLAVOUR $LC_ALL"'],
      parse: (out) => out.stdout.trim().split('\n'),
    });
    expect(await tools.run(limited, { bytes: 256 * MiB })).toEqual(['262144', 'salt C']);
  });

  it('is shown in the log and in errors without the secrets among its options', async () => {
    const started: unknown[] = [];
    const note = (event: string, fields?: object) => void started.push([event, fields]);
    const heard = createTools({ ...silentLog, info: note, debug: note });
    const run = defineTool({
      ...facts,
      bin: 'false',
      masked: true,
      argv: () => ['run', '--creds=me:pw', '-e', 'LICENCE=abc', '-eDISK=sda', 'image'],
      parse: () => undefined,
    });
    const shown = ['run', '--creds=******', '-e', 'LICENCE=******', '-eDISK=******', 'image'];
    const command = `false ${shown.join(' ')}`;
    await expect(heard.run(run, {})).rejects.toMatchObject({
      details: expect.stringContaining(command),
      data: { command },
    });
    expect(started[0]).toMatchObject(['tool.start', { argv: shown }]);
  });

  it('is heard while it runs', async () => {
    const heard: string[] = [];
    const talking = defineTool({
      ...facts,
      bin: 'sh',
      argv: () => ['-c', 'printf one; sleep 0.3; printf two'],
      heard: (text) => heard.push(text),
      parse: (out) => out.stdout,
    });
    expect(await tools.run(talking, {})).toBe('onetwo');
    expect(heard).toEqual(['one', 'two']);
  });

  it('that is missing is named with its package', async () => {
    const absent = defineTool({ ...facts, bin: 'no-such-program', argv: () => [], parse: () => undefined });
    await expect(tools.run(absent, {})).rejects.toMatchObject({
      ...{ type: 'ToolMissing', details: expect.stringMatching(/^no-such-program is not installed/) },
      hint: 'the ramdisk needs package dash',
    });
  });
});

describe('the bounds of a program', () => {
  let work = '';
  beforeAll(() => {
    work = mkdtempSync(join(tmpdir(), 'run-'));
  });
  afterAll(() => rmSync(work, { recursive: true }));

  const script = (text: string, more: { readonly timeoutMs?: number; readonly maxOutputBytes?: number } = {}) =>
    defineTool({
      ...facts,
      ...more,
      bin: 'sh',
      env: { WORK: work },
      argv: () => ['-c', text],
      parse: (out) => ({ exit: out.exitCode, text: out.stdout }),
    });
  /** Numbers that the script wrote to a file of the working folder. */
  const pidIn = (name: string) => Number(readFileSync(join(work, name), 'utf8'));
  /** A process that has ended may still wait for its parent to hear of it. */
  const runs = (pid: number) =>
    existsSync(`/proc/${pid}/stat`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const took = async (what: Promise<unknown>) => {
    const began = performance.now();
    await what.catch(() => undefined);
    return performance.now() - began;
  };

  it('are not moved by what it left running after its end', async () => {
    const leaving = script('echo said; sleep 20 & echo $! >"$WORK/left"; exit 0', { timeoutMs: 8000 });
    const running = tools.run(leaving, {});
    expect(await took(running)).toBeLessThan(6000);
    expect(await running).toEqual({ exit: 0, text: 'said\n' });
    process.kill(pidIn('left'));
  });

  it('do not lose what a program said last', async () => {
    const late = script('head -c 3000000 /dev/zero & wait; (sleep 0.1; printf end) & exit 0');
    const { text } = await tools.run(late, {});
    expect(text.length).toBe(3_000_003);
    expect(text.slice(-3)).toBe('end');
  });

  it.each([
    ['all that it started', 'sleep 30 & echo $! >"$WORK/pid"; sleep 30', 2000],
    ['what ignores SIGTERM', 'trap "" TERM; sleep 30 & echo $! >"$WORK/pid"; sleep 30', 6000],
  ])('end with its time %s', async (_name, text, atMostMs) => {
    const late = tools.run(script(text, { timeoutMs: 500 }), {});
    expect(await took(late)).toBeLessThan(atMostMs + 2000);
    await expect(late).rejects.toMatchObject({
      type: 'ToolTimedOut',
      details: expect.stringContaining('within 0.5 s'),
    });
    await expect.poll(() => runs(pidIn('pid'))).toBe(false);
  });

  it('hold although a pipe stays open in a session of its own', async () => {
    const late = tools.run(script('setsid sleep 20 & echo $! >"$WORK/far"; sleep 20', { timeoutMs: 300 }), {});
    expect(await took(late)).toBeLessThan(8000);
    await expect(late).rejects.toMatchObject({ type: 'ToolTimedOut' });
    expect(runs(pidIn('far'))).toBe(true);
    process.kill(pidIn('far'));
  });

  it('end with its cancellation all that it started', async () => {
    const cancel = new AbortController();
    const running = tools.run(script('sleep 30 & echo $! >"$WORK/cancelled"; sleep 30'), {}, cancel.signal);
    await expect.poll(() => existsSync(join(work, 'cancelled')) && pidIn('cancelled')).toBeTruthy();
    cancel.abort(new Error('no more'));
    await expect(running).rejects.toThrow('no more');
    await expect.poll(() => runs(pidIn('cancelled'))).toBe(false);
    await expect(tools.run(script('echo >"$WORK/never"'), {}, cancel.signal)).rejects.toThrow('no more');
    expect(existsSync(join(work, 'never'))).toBe(false);
  });

  it('say when it printed too much, and end it', async () => {
    const talking = script('yes & echo $! >"$WORK/talker"; wait', { maxOutputBytes: 1000 });
    await expect(tools.run(talking, {})).rejects.toMatchObject({
      type: 'ToolFailed',
      details: expect.stringMatching(/was ended by SIGTERM: it printed more than 1000 bytes$/),
    });
    await expect.poll(() => runs(pidIn('talker'))).toBe(false);
  });

  it('end it with the agent', async () => {
    const source = join(import.meta.dirname, '../../../src');
    const agent = `
      const { createTools, defineTool } = await import('${source}/system/index.ts');
      const { silentLog } = await import('${source}/core/index.ts');
      const sh = defineTool({
        bin: 'sh', packages: {}, effect: 'reads', timeoutMs: 60000, parse: () => 0,
        argv: () => ['-c', 'sleep 60 & echo $! >"${join(work, 'orphan')}"; sleep 60'],
      });
      void createTools(silentLog).run(sh, {});
      process.stdin.once('data', () => process.exit(3));`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', agent], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await expect.poll(() => existsSync(join(work, 'orphan')) && pidIn('orphan'), { timeout: 30_000 }).toBeTruthy();
    child.stdin.write('.');
    expect(await once(child, 'exit')).toEqual([3, null]);
    await expect.poll(() => runs(pidIn('orphan'))).toBe(false);
  }, 60_000);
});
