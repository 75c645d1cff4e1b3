import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  labPackages,
  programPackages,
  requireFiles,
  requireFreeSpace,
  requirePrivateNetwork,
  runCommand,
  startDaemon,
  waitFor,
  within,
} from '../../../lab/host/index.ts';
import { silentLog } from '../../../src/core/index.ts';

const directory = mkdtempSync(join(tmpdir(), 'lab-host-'));
afterAll(() => rmSync(directory, { recursive: true }));
const { signal } = new AbortController();
const logFile = join(directory, 'daemon.log');
const shell = (script: string) => ({ program: { path: 'sh' }, args: ['-c', script], name: 'test', logFile });
const alive = (pid: number) => existsSync(`/proc/${pid}`);

describe('packages', () => {
  it('cover every program and every file that the lab needs, sorted, once', () => {
    const essential = ['apt', 'dpkg', 'util-linux'];
    const expected = Object.values(programPackages).filter((name) => !essential.includes(name));
    expect(labPackages).toEqual(expect.arrayContaining([...expected, 'ovmf', 'ipxe', 'grub-pc-bin']));
    expect(labPackages).toEqual([...new Set(labPackages)].sort());
  });

  it('are all installed by the bootstrap', () => {
    // Read as text: the bootstrap is plain JavaScript without types.
    const listed = readFileSync(join(import.meta.dirname, '../../../build/packages.mjs'), 'utf8');
    expect(labPackages.filter((name) => !new RegExp(`^  '?${name}'?: `, 'm').test(listed))).toEqual([]);
  });
});

describe('checks', () => {
  it('name the package of a missing file', async () => {
    await expect(requireFiles({ '/nowhere/OVMF.fd': 'ovmf', '/bin/sh': 'dash' })).rejects.toMatchObject({
      details: 'missing: /nowhere/OVMF.fd (install: apt-get install ovmf)',
    });
  });

  it('refuse a full disk with both sizes', async () => {
    await expect(requireFreeSpace(directory, 2 ** 60)).rejects.toThrow(/free, 1048576\.0 TiB are needed/);
    await requireFreeSpace(directory, 1);
  });

  it('refuse the network of the host', async () => {
    await expect(requirePrivateNetwork()).rejects.toThrow('this is the network of the host');
  });
});

describe('commands', () => {
  it('give output, and on failure the command and its last lines', async () => {
    expect((await runCommand('dpkg-deb', ['--version'], {}, signal)).stdout).toContain('Debian');
    await expect(runCommand('dpkg-deb', ['-x', '/nowhere.deb', directory], {}, signal)).rejects.toThrow(
      /dpkg-deb -x \/nowhere\.deb .* exited 2: .*nowhere/,
    );
  });

  it('say how to get a program that is missing', async () => {
    const env = { PATH: directory };
    await expect(runCommand('xorriso', [], { env }, signal)).rejects.toMatchObject({
      details: 'xorriso is not installed (install: apt-get install xorriso)',
    });
  });
});

describe('daemons', () => {
  it('run, log and stop', async () => {
    const daemon = await startDaemon(
      { ...shell('echo ready; exec sleep 60'), ready: async () => readFileSync(logFile, 'utf8').includes('ready') },
      silentLog,
      signal,
    );
    expect(daemon.running()).toBe(true);
    await daemon.stop();
    expect(daemon.running()).toBe(false);
    expect(await daemon.ended).toEqual({ exitCode: null, signal: 'SIGTERM' });
  });

  it('are killed when they do not listen', async () => {
    const marker = join(directory, 'deaf');
    const daemon = await startDaemon(
      { ...shell(`trap "" TERM; touch ${marker}; while :; do sleep 0.1; done`), ready: async () => existsSync(marker) },
      silentLog,
      signal,
    );
    await daemon.stop(200);
    expect(await daemon.ended).toEqual({ exitCode: null, signal: 'SIGKILL' });
  });

  it('that end before they are ready say why', async () => {
    const spec = { ...shell('echo no such bridge >&2; exit 3'), ready: async () => false };
    await expect(startDaemon(spec, silentLog, signal)).rejects.toThrow(/test ended at once \(3\).*no such bridge/s);
  });

  it('that never become ready are stopped', async () => {
    const spec = { ...shell('exec sleep 60'), ready: async () => false, readyTimeoutMs: 200 };
    await expect(startDaemon(spec, silentLog, signal)).rejects.toThrow(/test to become ready: nothing within 200ms/);
  });

  it('end with their parent even when it is killed', async () => {
    const pidFile = join(directory, 'pid');
    const index = join(import.meta.dirname, '../../../lab/host/index.ts');
    const core = join(import.meta.dirname, '../../../src/core/index.ts');
    const program = join(directory, 'parent.ts');
    writeFileSync(
      program,
      `import { startDaemon } from '${index}';
       import { silentLog } from '${core}';
       import { writeFileSync } from 'node:fs';
       const d = await startDaemon({ name: 't', program: { path: 'sleep' }, args: ['60'], logFile: '${logFile}' },
         silentLog, new AbortController().signal);
       writeFileSync('${pidFile}', String(d.pid));
       setInterval(() => undefined, 1000);`,
    );
    const parent = execFile(process.execPath, [program]);
    await expect.poll(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '', { timeout: 8000 }).toBe(true);
    const pid = Number(readFileSync(pidFile, 'utf8'));
    expect(alive(pid)).toBe(true);
    // Until it has become the program itself, the kernel does not know yet that it shall end with its parent.
    await expect.poll(() => readFileSync(`/proc/${pid}/comm`, 'utf8').trim(), { timeout: 8000 }).toBe('sleep');
    parent.kill('SIGKILL');
    await expect.poll(() => alive(pid), { timeout: 3000 }).toBe(false);
  }, 30_000);
});

describe('waiting', () => {
  it('ends with what it found, with time, or with the signal', async () => {
    const answers = [null, null, 'found'];
    const wait = { what: 'something', timeoutMs: 50, everyMs: 1 };
    expect(await waitFor(async () => answers.shift() ?? null, { ...wait, timeoutMs: 1000 }, signal)).toBe('found');
    await expect(waitFor(async () => null, wait, signal)).rejects.toThrow('something: nothing within 50ms');
    await expect(within(new Promise(() => undefined), wait)).rejects.toThrow('something: nothing within 50ms');
    await expect(within(Promise.resolve(1), wait)).resolves.toBe(1);
    const stop = AbortSignal.abort(new Error('enough'));
    await expect(within(new Promise(() => undefined), wait, stop)).rejects.toThrow('enough');
  });
});
