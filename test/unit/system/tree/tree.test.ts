import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../../../src/core/index.ts';
import { createTools, type Tree, withTree } from '../../../../src/system/index.ts';

const ports = { tools: createTools(silentLog), log: silentLog };
let base = '';
let root = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'tree-'));
  root = join(base, 'ramdisk/mount');
  mkdirSync(root, { recursive: true });
});
afterEach(() => rmSync(base, { recursive: true }));

const inTree = <T>(work: (tree: Tree) => Promise<T>) => withTree(ports, root, work);
const text = (...lines: string[]) => lines.map((line) => Buffer.from(line));
const put = (path: string, content = 'old') => {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), content);
};
const modeOf = (path: string) => (statSync(join(root, path)).mode & 0o7777).toString(8);
/** What this process holds open below the folder of the test. */
const openFiles = () =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(base);
    } catch {
      return false;
    }
  });

describe('a file in a tree', () => {
  it('is created with its folders, readable to all, and leaves nothing beside it', async () => {
    await inTree((tree) => tree.replace('/etc/x/y/motd', text('a', 'b'), { folderMode: 0o700 }));
    expect(readFileSync(join(root, 'etc/x/y/motd'), 'utf8')).toBe('ab');
    expect([modeOf('etc'), modeOf('etc/x'), modeOf('etc/x/y'), modeOf('etc/x/y/motd')]).toEqual([
      '755',
      '755',
      '700',
      '644',
    ]);
    expect(readdirSync(join(root, 'etc/x/y'))).toEqual(['motd']);
    expect(openFiles()).toEqual([]);
  });

  it('that is there keeps its mode unless another is given; a folder that is there keeps its own', async () => {
    put('etc/shadow');
    chmodSync(join(root, 'etc/shadow'), 0o640);
    chmodSync(join(root, 'etc'), 0o711);
    await inTree((tree) => tree.replace('/etc/shadow', text('new'), { folderMode: 0o777 }));
    expect([readFileSync(join(root, 'etc/shadow'), 'utf8'), modeOf('etc/shadow'), modeOf('etc')]).toEqual([
      'new',
      '640',
      '711',
    ]);
    await inTree((tree) => tree.replace('/etc/shadow', text('x'), { mode: 0o4755 }));
    expect(modeOf('etc/shadow')).toBe('4755');
  });

  it('is replaced whole: who holds the old one keeps it, and a fault leaves it as it was', async () => {
    put('etc/a');
    linkSync(join(root, 'etc/a'), join(root, 'etc/b'));
    async function* broken() {
      yield Buffer.from('half');
      throw new Error('connection lost');
    }
    await expect(inTree((tree) => tree.replace('/etc/a', broken()))).rejects.toThrow('connection lost');
    expect(readFileSync(join(root, 'etc/a'), 'utf8')).toBe('old');
    await inTree((tree) => tree.replace('/etc/a', text('new')));
    expect([readFileSync(join(root, 'etc/a'), 'utf8'), readFileSync(join(root, 'etc/b'), 'utf8')]).toEqual([
      'new',
      'old',
    ]);
    expect(readdirSync(join(root, 'etc'))).toEqual(['a', 'b']);
  });

  it('behind a link is replaced there, and the link stays', async () => {
    put('usr/lib/os-release');
    mkdirSync(join(root, 'etc'));
    symlinkSync('/usr/lib/os-release', join(root, 'etc/os-release'));
    await inTree((tree) => tree.replace('/etc/os-release', text('new')));
    expect(readFileSync(join(root, 'usr/lib/os-release'), 'utf8')).toBe('new');
    expect(readlinkSync(join(root, 'etc/os-release'))).toBe('/usr/lib/os-release');
  });

  it.each(['/', '/etc', '/etc/..', '/etc/fd'])('is not %s', async (path) => {
    mkdirSync(join(root, 'etc'));
    symlinkSync('.', join(root, 'etc/fd'));
    await expect(inTree((tree) => tree.replace(path, text('x')))).rejects.toThrow(`${path} is a folder`);
    await expect(inTree((tree) => tree.remove(path === '/etc/fd' ? '/etc' : path))).rejects.toThrow('is a folder');
  });

  it('is deleted, and a link instead of what it leads to; what is absent is no fault', async () => {
    put('etc/a');
    symlinkSync('a', join(root, 'etc/l'));
    symlinkSync('/nowhere', join(root, 'etc/d'));
    const removed = await inTree(async (tree) => [
      await tree.remove('/etc/l'),
      await tree.remove('/etc/d'),
      await tree.remove('/etc/none'),
      await tree.remove('/none/none'),
    ]);
    expect(removed).toEqual([true, true, false, false]);
    expect(readdirSync(join(root, 'etc'))).toEqual(['a']);
  });

  it('is read up to a limit, a folder is told from a file', async () => {
    put('etc/passwd', 'root:x:0:0');
    symlinkSync('etc/passwd', join(root, 'p'));
    symlinkSync('/etc', join(root, 'e'));
    const seen = await inTree(async (tree) => ({
      text: Buffer.from((await tree.head('/p', 4)) ?? []).toString(),
      none: await tree.head('/etc', 4),
      folders: await Promise.all(['/etc', '/e', '/p', '/none', '/'].map((path) => tree.isFolder(path))),
    }));
    expect(seen).toEqual({ text: 'root', none: null, folders: [true, true, false, false, true] });
  });
});

/** Links of all kinds, at one of a few names each; an escape would leave such names in the root of this machine. */
const names = ['tree-a', 'tree-b', 'tree-c'];
const word = fc.constantFrom(...names, '..', '.', '');
const target = fc.tuple(fc.constantFrom('', '/', '../../../../', 'OUTSIDE/'), fc.array(word, { maxLength: 5 }));
const place = fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 });
const entry = fc.tuple(place, fc.oneof(target, fc.constant('file' as const), fc.constant('dir' as const)));

/** Everything below a folder, as it is, links unfollowed. */
const snapshot = (dir: string, skip: string): readonly string[] =>
  readdirSync(dir).flatMap((name) => {
    const path = join(dir, name);
    if (path === skip) return [];
    const stat = lstatSync(path);
    if (stat.isDirectory()) return [path, ...snapshot(path, skip)];
    return [`${path} ${stat.mode} ${stat.isFile() ? readFileSync(path, 'utf8') : 'link'}`];
  });

describe('nothing in a tree leads out of it', () => {
  it('whatever links it is made of, whatever path is asked for', async () => {
    const outside = join(base, 'ramdisk');
    for (const name of names) mkdirSync(join(outside, name, 'tree-a/tree-b'), { recursive: true });
    for (const name of names) writeFileSync(join(outside, name, 'tree-c'), 'ramdisk');
    const before = snapshot(base, root);
    const inputs = [fc.array(entry, { maxLength: 12 }), fc.array(word, { minLength: 1, maxLength: 8 })] as const;
    await fc.assert(
      fc.asyncProperty(...inputs, async (entries, asked) => {
        rmSync(root, { recursive: true });
        mkdirSync(root);
        for (const [at, what] of entries) {
          try {
            const path = join(root, ...at);
            if (!`${realpathSync(dirname(path))}/`.startsWith(`${root}/`)) continue;
            if (what === 'dir') mkdirSync(path);
            else if (what === 'file') writeFileSync(path, 'image', { flag: 'wx' });
            else symlinkSync(`${what[0].replace('OUTSIDE', outside)}${what[1].join('/')}` || '.', path);
          } catch {
            // The place is taken, or its folder is missing.
          }
        }
        const path = `/${asked.join('/')}`;
        await inTree(async (tree) => {
          const quietly = (work: Promise<unknown>) => work.catch(() => undefined);
          await quietly(tree.replace(path, text('evil'), { mode: 0o777, folderMode: 0o777 }));
          expect(Buffer.from((await tree.head(path, 99).catch(() => null)) ?? []).toString()).not.toContain('ramdisk');
          await quietly(tree.isFolder(path));
          await quietly(tree.remove(path));
        });
        expect(snapshot(base, root)).toEqual(before);
      }),
      { numRuns: 100 },
    );
  }, 60_000);
});
