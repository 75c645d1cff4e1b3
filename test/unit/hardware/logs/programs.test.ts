import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { silentLog } from '../../../../src/core/index.ts';
import { collectSystemLogs } from '../../../../src/hardware/index.ts';
import { createTools, systemClock } from '../../../../src/system/index.ts';
import { memoryFiles } from '../../../kit/memory-files.ts';
import { unpack } from '../../../kit/unpack.ts';

const path = process.env.PATH;
let dir = '';
const program = (name: string, text: string) => {
  writeFileSync(join(dir, name), `#!/bin/sh\n${text}\n`);
  chmodSync(join(dir, name), 0o755);
};
/** What outlives its time limit outlives the test, too, unless it is gone already. */
function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Ended by the tool runner.
  }
}
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'log-programs-'));
  process.env.PATH = dir;
});
afterEach(() => {
  process.env.PATH = path;
  for (const name of ['child.pid', 'stubborn.pid']) {
    const file = join(dir, name);
    if (existsSync(file)) end(Number(readFileSync(file, 'utf8')));
  }
  rmSync(dir, { recursive: true, force: true });
});

const ports = () => ({ tools: createTools(silentLog), files: memoryFiles({}), clock: systemClock, log: silentLog });
const options = {
  budgetMs: 4000,
  maxJournalBytes: 100_000,
  maxTotalBytes: 24 * 1024 * 1024,
  logPaths: [],
  extra: [],
  secrets: ['secret-of-this-run'],
};

it('programs that hang, ignore signals, leave children behind or never stop printing cost what was agreed', async () => {
  program('journalctl', 'i=0; while [ $i -lt 20000 ]; do echo "journal line $i secret-of-this-run"; i=$((i+1)); done');
  program('df', `echo $$ > ${dir}/stubborn.pid; trap "" TERM; /bin/sleep 2; while :; do /bin/sleep 0.2; done`);
  program('mount', `/bin/sleep 60 & echo $! > ${dir}/child.pid; echo mounted`);
  program('dmesg', 'exec /usr/bin/yes "kernel token=secret-of-this-run"');
  program('parted', 'echo useless; echo "unrecognised disk label" >&2; exit 1');
  program('ps', 'echo PID');
  const began = performance.now();
  const files = await unpack(await collectSystemLogs(ports(), options));
  expect(performance.now() - began).toBeLessThan(10_000);
  const { members, skipped, duration_ms } = JSON.parse(String(files.get('manifest.json')));
  expect(duration_ms).toBeLessThanOrEqual(4000);
  expect(String(files.get('journal'))).toMatch(/^journal line \d+ \*{6}\n[\s\S]*journal line 19999 \*{6}\n$/);
  expect(files.get('journal')?.length).toBeLessThanOrEqual(100_000);
  expect(members).toContainEqual(expect.objectContaining({ member: 'dmesg', cut: true, exit_code: 0 }));
  expect(String(files.get('dmesg')?.subarray(0, 20))).toBe('kernel token=******\n');
  expect(files.get('dmesg')?.length).toBeLessThanOrEqual(2 * 1024 * 1024);
  expect(String(files.get('ps'))).toBe('PID\n');
  expect(skipped).toContainEqual(
    expect.objectContaining({ member: 'parted', exit_code: 1, reason: expect.stringContaining('unrecognised') }),
  );
  expect(skipped).toContainEqual(
    expect.objectContaining({ member: 'df', reason: expect.stringContaining('not done') }),
  );
  expect(skipped).toContainEqual(
    expect.objectContaining({ member: 'nvme', reason: expect.stringMatching(/^nvme is not installed/) }),
  );
  expect([...members, ...skipped].map(({ member }) => member)).toContain('mount');
});

it('GNU tar and the tarfile module of Python unpack it', async () => {
  program('journalctl', 'echo boot');
  program('df', 'printf "\\377\\000\\200binary\\n"');
  const { tools, files, clock, log } = ports();
  const odd = memoryFiles({ [`/sys/class/block/${'n'.repeat(150)}/dev`]: '8:0\n', '/srv/ä ö.log': 'umlaut\n' });
  const archive = await collectSystemLogs({ tools, files: odd, clock, log }, { ...options, logPaths: ['/srv'] });
  expect(files.written).toEqual([]);
  const at = join(dir, 'logs.tar.gz');
  writeFileSync(at, archive);
  process.env.PATH = path;
  const names = ['journal', 'srv/ä ö.log', 'df', `udev/${'n'.repeat(150)}`, 'manifest.json'];
  const utf8 = { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } } as const;
  expect(execFileSync('tar', ['--quoting-style=literal', '-tzf', at], utf8).trim().split('\n')).toEqual(names);
  execFileSync('tar', ['-xzf', at, '-C', dir], utf8);
  expect(readFileSync(join(dir, 'df'), 'latin1')).toBe('\u00ff\u0000\u0080binary\n');
  const script = [
    'import sys, tarfile, json',
    't = tarfile.open(sys.argv[1], "r:gz")',
    'print(json.dumps([[m.name, m.mode, m.uid, m.gid, m.isfile(), abs(m.mtime - float(sys.argv[2])) < 60] for m in t]))',
    'assert t.extractfile("srv/ä ö.log").read() == b"umlaut\\n"',
  ].join('\n');
  const seen = execFileSync('python3', ['-c', script, at, String(Date.now() / 1000)], utf8);
  expect(JSON.parse(seen)).toEqual(names.map((name) => [name, 0o644, 0, 0, true, true]));
});
