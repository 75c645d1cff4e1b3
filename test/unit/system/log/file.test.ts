import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holdLines, openLogFile, writesToJournal } from '../../../../src/system/index.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'log-file-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('the log file', () => {
  it('is made with its folder, readable by all, and appended to', () => {
    const path = join(dir, 'deep/er/agent.log');
    expect(openLogFile(path).write('one\n')).toBeNull();
    expect(openLogFile(path).write('two\n')).toBeNull();
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
    expect(statSync(path).mode & 0o777 & ~process.umask()).toBe(0o644 & ~process.umask());
  });

  it('never takes more than twice its limit, and keeps the newest lines whole', () => {
    const path = join(dir, 'agent.log');
    const file = openLogFile(path, { maxBytes: 100 });
    const line = (n: number) => `line ${n}\n`.padStart(20, '.');
    for (let n = 100; n < 140; n += 1) expect(file.write(line(n))).toBeNull();
    const both = readFileSync(`${path}.1`, 'utf8') + readFileSync(path, 'utf8');
    expect(both.length).toBeLessThanOrEqual(200);
    expect(both.endsWith([136, 137, 138, 139].map(line).join(''))).toBe(true);
    expect(
      both
        .split('\n')
        .slice(0, -1)
        .every((one) => one.length === 19),
    ).toBe(true);
  });

  it('moves a file of an earlier run away when it is full', () => {
    const path = join(dir, 'agent.log');
    writeFileSync(path, 'x'.repeat(100));
    openLogFile(path, { maxBytes: 100 }).write('new\n');
    expect(readFileSync(path, 'utf8')).toBe('new\n');
    expect(statSync(`${path}.1`).size).toBe(100);
  });

  it('writes to a device without moving it', () => {
    const file = openLogFile('/dev/null', { maxBytes: 4 });
    expect([file.write('one\n'), file.write('two\n'), file.write('three\n')]).toEqual([null, null, null]);
    expect(existsSync('/dev/null.1')).toBe(false);
  });

  it.each([
    ['a folder', () => mkdirSync(join(dir, 'at'))],
    ['a pipe that nobody reads', () => void spawnSync('mkfifo', [join(dir, 'at')])],
    ['below a file', () => writeFileSync(join(dir, 'at'), '')],
    ['a full device', () => void spawnSync('ln', ['-s', '/dev/full', join(dir, 'at')])],
  ])('says why when it is %s, at once and every time', (what, make) => {
    make();
    const file = openLogFile(what === 'below a file' ? join(dir, 'at/agent.log') : join(dir, 'at'));
    expect(file.write('one\n')).toMatch(/E[A-Z]+/);
    expect(file.write('two\n')).toMatch(/E[A-Z]+/);
  });
});

describe('lines of the time before the configuration is known', () => {
  it('begin the log file, the newest of them, once', () => {
    const early = holdLines(2);
    for (const line of ['one\n', 'two\n', 'three\n']) expect(early.write(line)).toBeNull();
    const file = openLogFile(join(dir, 'agent.log'));
    early.release(file.write);
    early.release(file.write);
    file.write('four\n');
    expect(readFileSync(file.path, 'utf8')).toBe('two\nthree\nfour\n');
    early.write('lost\n');
    early.release(() => undefined);
  });
});

describe('standard error is the journal', () => {
  const { dev, ino } = statSync('/proc/self/fd/2');
  it.each([
    ['when the variable names it', `${dev}:${ino}`, true],
    ['not when it names another stream', `${dev}:${ino + 1}`, false],
    ['not without the variable', undefined, false],
  ])('%s', (_name, named, is) => {
    expect(writesToJournal({ JOURNAL_STREAM: named })).toBe(is);
  });
});
