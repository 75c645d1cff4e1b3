import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPrivateDirectory } from '../../../src/system/index.ts';
import { type Found, judge } from '../../../src/system/private-directory/judge.ts';

let root = '';
let path = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'private-directory-'));
  path = join(root, 'run', 'agent');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const NAMES = { kept: /^(a|b)\.json$/, leftover: /^new$/ };
const modeOf = (at: string) => lstatSync(at).mode & 0o777;
const open = () => openPrivateDirectory(path, NAMES);

describe('the verdict on a runtime directory', () => {
  const found = (patch: Partial<Found> = {}): Found => ({ kind: 'dir', uid: 0, mode: 0o700, strange: [], ...patch });
  it.each([
    [null, { kind: 'make' }],
    [found(), { kind: 'use' }],
    [found({ strange: ['x'] }), { kind: 'use' }],
    [found({ kind: 'link' }), { kind: 'refuse' }],
    [found({ kind: 'other' }), { kind: 'refuse' }],
    [found({ uid: 1000 }), { kind: 'refuse' }],
    [found({ mode: 0o755 }), { kind: 'repair', empty: false }],
    [found({ mode: 0o600 }), { kind: 'repair', empty: false }],
    [found({ mode: 0o770 }), { kind: 'repair', empty: true }],
    // /etc, /tmp: a wrong setting must not change what belongs to the system.
    [found({ mode: 0o755, strange: ['passwd'] }), { kind: 'refuse' }],
    [found({ mode: 0o777, strange: ['somebody'] }), { kind: 'refuse' }],
  ])('%j: %j', (facts, verdict) => {
    expect(judge(facts, 0)).toMatchObject(verdict);
  });
});

describe('the runtime directory', () => {
  it('is made for us alone, and its files too', async () => {
    const { directory, repairs } = await open();
    await directory.write('a.json', 'one');
    expect([modeOf(path), modeOf(join(path, 'a.json')), repairs]).toEqual([0o700, 0o600, []]);
    expect(await directory.read('a.json', 10)).toBe('one');
    expect(await directory.read('b.json', 10)).toBeNull();
  });

  it('keeps the last of many writes, whole, and leaves nothing else', async () => {
    const { directory } = await open();
    await Promise.all(Array.from({ length: 50 }, (_, i) => directory.write('a.json', `${i}`.repeat(1000))));
    expect(readFileSync(join(path, 'a.json'), 'utf8')).toBe('49'.repeat(1000));
    expect(existsSync(join(path, 'a.json.new'))).toBe(false);
    await directory.remove('a.json');
    expect(await directory.read('a.json', 10)).toBeNull();
  });

  it('goes on writing after a write that failed', async () => {
    const { directory } = await open();
    mkdirSync(join(path, 'a.json', 'x'), { recursive: true });
    await expect(directory.write('a.json', 'one')).rejects.toThrow();
    await directory.write('b.json', 'two');
    expect(await directory.read('b.json', 10)).toBe('two');
  });

  it('is cleared of what an ended process left half done', async () => {
    const { directory } = await open();
    await directory.write('a.json', 'one');
    writeFileSync(join(path, 'a.json.new'), 'hal');
    mkdirSync(join(path, 'new'));
    await open();
    expect([existsSync(join(path, 'a.json.new')), existsSync(join(path, 'new'))]).toEqual([false, false]);
    expect(await directory.read('a.json', 10)).toBe('one');
  });

  it('that others could read is closed to them, that others could write is emptied as well', async () => {
    const { directory } = await open();
    await directory.write('a.json', 'one');
    chmodSync(path, 0o755);
    expect((await open()).repairs).toEqual([expect.stringContaining('its mode was 0755')]);
    expect([modeOf(path), await directory.read('a.json', 10)]).toEqual([0o700, 'one']);
    chmodSync(path, 0o777);
    expect((await open()).repairs).toEqual([expect.stringContaining('emptied')]);
    expect([modeOf(path), await directory.read('a.json', 10)]).toEqual([0o700, null]);
  });

  it('that is a link is refused and stays as it is', async () => {
    mkdirSync(join(root, 'run'));
    symlinkSync('/etc', path);
    await expect(open()).rejects.toMatchObject({
      type: 'PrivateDirectoryRefused',
      details: expect.stringContaining('symbolic link'),
    });
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
  });

  it('does not follow links, does not wait for pipes, and does not read what is too long', async () => {
    const { directory } = await open();
    symlinkSync('/etc/passwd', join(path, 'a.json'));
    await expect(directory.read('a.json', 1e6)).rejects.toThrow();
    writeFileSync(join(path, 'b.json'), 'x'.repeat(11));
    await expect(directory.read('b.json', 10)).rejects.toThrow('11 bytes');
    mkdirSync(join(path, 'c.json'));
    await expect(directory.read('c.json', 10)).rejects.toThrow();
  });
});
