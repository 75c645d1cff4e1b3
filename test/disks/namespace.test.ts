import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AgentError, silentLog } from '../../src/core/index.ts';
import {
  createNamespaces,
  type ForeignProgram,
  foreignProgram,
  mount,
  type Namespace,
} from '../../src/system/index.ts';

let root = '';
let inside: Namespace;
const mountsHere = () => readFileSync('/proc/self/mountinfo', 'utf8');

/** A system of which only a shell is there; `program` is a script of it. */
async function foreignRoot(program: string): Promise<void> {
  root = mkdtempSync(join(tmpdir(), 'namespace-'));
  inside = await createNamespaces(silentLog).open();
  await inside.tools.run(mount, { device: 'none', at: root, type: 'tmpfs', options: 'rw' });
  const at = (path: string) => `/proc/${holder()}/root${root}${path}`;
  for (const dir of ['/bin', '/proc']) mkdirSync(at(dir));
  copyFileSync('/bin/busybox', at('/bin/busybox'));
  writeFileSync(at('/bin/tool'), `#!/bin/sh\n${program}\n`, { mode: 0o755 });
  const applets = execFileSync('busybox', ['--list'], { encoding: 'utf8' }).trim().split('\n');
  for (const applet of applets.filter((name) => name !== 'busybox')) symlinkSync('busybox', at(`/bin/${applet}`));
}

const childrenOf = (pid = process.pid): readonly string[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter((child) => child !== '');
const comm = (pid: string): string | null => {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return null;
  }
};
/** The process that holds the namespace open. */
const holder = () => childrenOf().find((pid) => comm(pid) === 'cat') ?? '';
const runningWith = (mark: string) =>
  execFileSync('ps', ['ax', '-o', 'args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(mark));

const run = (over: Partial<ForeignProgram> = {}, signal?: AbortSignal, timeoutMs = 30_000) =>
  inside.tools.run(
    { ...foreignProgram, timeoutMs, parse: ({ stdout }) => stdout },
    { root, program: 'tool', args: [], env: {}, ...over },
    signal,
  );
const failure = (work: Promise<unknown>): Promise<AgentError> =>
  work.then(
    () => Promise.reject(new Error('it succeeded')),
    (error: AgentError) => error,
  );

beforeEach(() => {
  process.env.SECRET_OF_THE_AGENT = 'secret';
});
afterEach(async () => {
  delete process.env.SECRET_OF_THE_AGENT;
  await inside.close();
  rmSync(root, { recursive: true });
});

describe('a namespace for mounts', () => {
  it('shows its mounts to its own programs and files and to nobody else, and ends with them', async () => {
    const before = mountsHere();
    await foreignRoot('true');
    expect(mountsHere()).toBe(before);
    expect(await inside.files.list(root)).toEqual(['bin', 'proc']);
    expect(await inside.files.textOrNull('/proc/self/mountinfo')).toContain(` ${root} `);
    const pid = holder();
    await inside.close();
    expect(comm(pid)).toBeNull();
    expect(await inside.files.list(root)).toEqual([]);
    expect(mountsHere()).toBe(before);
  });

  it('ends with the agent, however that ends, with the program that runs in it', async () => {
    await foreignRoot('true');
    const system = join(import.meta.dirname, '../../src/system/index.ts');
    const program = `
      import { createNamespaces, foreignProgram } from '${system}';
      const log = { debug() {}, info() {}, warn() {}, error() {} };
      const inside = await createNamespaces(log).open();
      inside.tools.run(foreignProgram, { root: '/', program: 'sleep', args: ['4714'], env: {} });
      setTimeout(() => undefined, 60_000);`;
    const agent = spawn(process.execPath, ['--input-type=module', '-e', program]);
    await expect.poll(() => runningWith('sleep 4714').length, { timeout: 20_000 }).toBeGreaterThan(0);
    await expect.poll(() => childrenOf(agent.pid).map(comm).sort(), { timeout: 20_000 }).toEqual(['cat', 'unshare']);
    const started = childrenOf(agent.pid);
    agent.kill('SIGKILL');
    await expect.poll(() => started.map(comm), { timeout: 20_000 }).toEqual([null, null]);
    await expect.poll(() => runningWith('sleep 4714'), { timeout: 20_000 }).toEqual([]);
  });
});

describe('a program of an image', () => {
  it('sees its own root, itself alone, no network, and nothing of the environment of the agent', async () => {
    await foreignRoot(
      'echo "$0 $*"; pwd; ls /; ls /proc | grep -c "^[0-9]"; env | sort; cat /proc/net/dev | grep -c :',
    );
    const lines = (await run({ args: ['a b', '$(x)'], env: { GRUB_SAVEDEFAULT: 'true' } })).trim().split('\n');
    expect(lines.slice(0, 4)).toEqual(['/bin/tool a b $(x)', '/', 'bin', 'proc']);
    expect(lines).toContain('GRUB_SAVEDEFAULT=true');
    expect(lines).toContain('PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin');
    expect(lines.join()).not.toContain('SECRET');
    expect(lines.at(-1)).toBe('1');
    expect(Number(lines[4])).toBeLessThan(6);
  });

  it('cannot make device nodes, load modules or set the clock', async () => {
    await foreignRoot('grep CapEff /proc/self/status | cut -f2; mknod /sda b 8 0 || echo refused');
    const [caps = '', refused] = (await run()).trim().split('\n');
    const has = (bit: number) => (BigInt(`0x${caps}`) >> BigInt(bit)) & 1n;
    const CAP = { SYS_MODULE: 16, SYS_RAWIO: 17, SYS_PTRACE: 19, SYS_ADMIN: 21, SYS_BOOT: 22, SYS_TIME: 25, MKNOD: 27 };
    expect(
      Object.entries(CAP)
        .filter(([, bit]) => has(bit) === 1n)
        .map(([name]) => name),
    ).toEqual(['SYS_ADMIN']);
    expect(refused).toBe('refused');
  });

  it('that fails is told with its exit and its last words', async () => {
    await foreignRoot('seq 1 100; for i in $(seq 1 100); do echo "line $i" >&2; done; exit 3');
    const error = await failure(run());
    expect(error.type).toBe('ToolFailed');
    expect(error.details).toMatch(/exited 3: line 100$/);
    expect(error.data).toMatchObject({ exit_code: 3, stderr_tail: expect.stringMatching(/^line 61\n/) });
  });

  it('that goes on in the background is ended when it returns', async () => {
    await foreignRoot('sleep 4711 & (setsid sleep 4711 &); echo done');
    const began = Date.now();
    expect(await run()).toBe('done\n');
    expect(Date.now() - began).toBeLessThan(20_000);
    expect(runningWith('sleep 4711')).toEqual([]);
  });

  it('that hangs and does not listen is ended with all it started', async () => {
    await foreignRoot('trap "" TERM INT HUP; sleep 4712 & sleep 4712; sleep 4712');
    const error = await failure(run({}, undefined, 500));
    expect(error.type).toBe('ToolTimedOut');
    expect(runningWith('sleep 4712')).toEqual([]);
  });

  it('is ended when the command is cancelled', async () => {
    await foreignRoot('trap "" TERM; touch /started; sleep 4713; sleep 4713');
    const abort = new AbortController();
    const running = failure(run({}, abort.signal));
    await expect.poll(() => inside.files.kind(`${root}/started`), { timeout: 20_000 }).toBe('file');
    abort.abort(new Error('cancelled by the conductor'));
    expect((await running).message).toBe('cancelled by the conductor');
    expect(runningWith('sleep 4713')).toEqual([]);
  });

  it('that floods its output keeps neither memory nor the agent busy', async () => {
    await foreignRoot('yes | head -c 200000000; echo end');
    const out = await run();
    expect(out.length).toBeLessThanOrEqual(4 * 1024 * 1024);
    expect(out.slice(-4)).toBe('end\n');
  });
});
