import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BuildFailed, exclusively, inputsDigest, run, updateSums } from '../../../build/kit/index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'build-kit-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('inputsDigest', () => {
  const make = (base: string) => {
    mkdirSync(join(base, 'src'), { recursive: true });
    writeFileSync(join(base, 'src/a'), 'one');
    return inputsDigest(base, [join(base, 'src')], ['x64']);
  };

  it('does not depend on where the tree lies', () => {
    expect(make(join(folder, 'here'))).toBe(make(join(folder, 'there')));
  });

  it.each([
    ['contents', () => writeFileSync(join(folder, 'src/a'), 'two')],
    ['a mode', () => chmodSync(join(folder, 'src/a'), 0o755)],
    ['a new file', () => writeFileSync(join(folder, 'src/b'), '')],
  ])('sees a change of %s', (_what, change) => {
    const before = make(folder);
    change();
    expect(inputsDigest(folder, [join(folder, 'src')], ['x64'])).not.toBe(before);
  });
});

describe('updateSums', () => {
  it('keeps lines of other files, replaces its own, drops those of files that are gone', async () => {
    const line = (name: string) => `${'0'.repeat(64)}  ${name}\n`;
    writeFileSync(join(folder, 'SHA256SUMS'), line('agent') + line('gone') + line('kernel'));
    writeFileSync(join(folder, 'agent'), 'abc');
    writeFileSync(join(folder, 'kernel'), '');
    await updateSums(folder, [join(folder, 'agent')]);
    const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(readFileSync(join(folder, 'SHA256SUMS'), 'utf8')).toBe(`${abc}  agent\n${line('kernel')}`);
  });
});

describe('run', () => {
  it('returns standard output', async () => {
    expect(await run('echo', ['hello'])).toBe('hello');
  });

  it('says what failed, with its last lines and the next step', async () => {
    const failing = run('sh', ['-c', 'echo broken >&2; exit 3'], { hint: 'mend it' });
    await expect(failing).rejects.toThrow(/exited 3\nbroken\nmend it/);
    await expect(failing).rejects.toBeInstanceOf(BuildFailed);
  });

  it('names a missing program', async () => {
    await expect(run('no-such-program-here', [])).rejects.toThrow(/no-such-program-here is not installed/);
  });

  it('passes lines on as they come', async () => {
    const lines: string[] = [];
    await run('printf', ['a\\nb\\n'], { onLine: (line) => lines.push(line) });
    expect(lines).toEqual(['a', 'b']);
  });
});

describe('exclusively', () => {
  it('lets the second wait until the first is done', async () => {
    const seen: string[] = [];
    const tell = (text: string) => seen.push(text);
    const name = `test-${process.pid}`;
    const first = exclusively(name, { tell }, async () => {
      await sleep(300);
      seen.push('first');
    });
    await sleep(50);
    await Promise.all([first, exclusively(name, { tell }, async () => seen.push('second'))]);
    expect(seen).toEqual([`another process is busy with the ${name}: waiting for it`, 'first', 'second']);
  });

  it('frees the place when the task fails', async () => {
    const name = `test-failing-${process.pid}`;
    const failing = exclusively(name, { tell: () => undefined }, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(await exclusively(name, { tell: () => undefined, waitMs: 1000 }, async () => 'free')).toBe('free');
  });
});
