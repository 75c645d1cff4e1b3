import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { silentLog } from '../../src/core/index.ts';
import { createTools, withTree } from '../../src/system/index.ts';

const names = ['a', 'b', 'c', 'd'];
const word = fc.constantFrom(...names, '..', '.', '');
const target = fc.tuple(fc.constantFrom('', '', '/', '../../../../'), fc.array(word, { minLength: 1, maxLength: 4 }));
const place = fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 });
const kind = fc.oneof({ weight: 2, arbitrary: target }, fc.constant('file' as const), fc.constant('dir' as const));
const entries = fc.array(fc.tuple(place, kind), { minLength: 4, maxLength: 16 });
const paths = fc.array(fc.array(word, { minLength: 1, maxLength: 6 }), { minLength: 20, maxLength: 20 });

/** Creates what it can: the folder of a place may be missing, or a link. */
function build(
  root: string,
  list: readonly (readonly [readonly string[], 'file' | 'dir' | readonly [string, string[]]])[],
) {
  for (const [at, [place, what]] of list.entries()) {
    const path = join(root, ...place);
    try {
      if (!`${realpathSync(dirname(path))}/`.startsWith(`${root}/`)) continue;
      if (what === 'dir') mkdirSync(path);
      else if (what === 'file') writeFileSync(path, `file ${at}`, { flag: 'wx' });
      else symlinkSync(`${what[0]}${what[1].join('/')}` || '.', path);
    } catch {
      // Taken, or no folder.
    }
  }
}

/** The kernel's own answer, to a process that lives in the tree. */
function kernelSays(root: string, asked: readonly string[]): readonly string[] {
  const script =
    'for p; do if [ -f "$p" ]; then /busybox cat "$p"; elif [ -d "$p" ]; then echo -n folder; fi; echo; done';
  const argv = [root, '/busybox', 'sh', '-c', script, 'sh', ...asked];
  return execFileSync('/usr/sbin/chroot', argv, { encoding: 'utf8', env: {} }).split('\n').slice(0, -1);
}

const ports = { tools: createTools(silentLog), log: silentLog };
const treeSays = (root: string, asked: readonly string[]): Promise<readonly string[]> =>
  withTree(ports, root, async (tree) => {
    const said: string[] = [];
    for (const path of asked) {
      const isFolder = await tree.isFolder(path).catch(() => false);
      const text = await tree.head(path, 99).catch(() => null);
      said.push(isFolder ? 'folder' : Buffer.from(text ?? []).toString());
    }
    return said;
  });

it('a path in a tree leads where it leads a process that lives in it', async () => {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'tree-oracle-')));
  const root = join(base, 'root');
  let found = 0;
  try {
    await fc.assert(
      fc.asyncProperty(entries, paths, async (list, asked) => {
        rmSync(root, { recursive: true, force: true });
        mkdirSync(root);
        copyFileSync('/bin/busybox', join(root, 'busybox'));
        build(root, list);
        const texts = asked.map((words) => `/${words.join('/')}`);
        const expected = kernelSays(root, texts);
        found += expected.filter((text) => text.startsWith('file')).length;
        expect(await treeSays(root, texts)).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  } finally {
    rmSync(base, { recursive: true });
  }
  // The property says something: paths of these trees do lead to files.
  expect(found).toBeGreaterThan(50);
});
