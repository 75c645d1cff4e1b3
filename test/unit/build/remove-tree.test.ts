import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mountsBelow, removeTree } from '../../../build/ramdisk/remove-tree.ts';

describe('mountsBelow', () => {
  const mounts = [
    'devtmpfs /dev devtmpfs rw 0 0',
    'devtmpfs /work/a/mnt/dev devtmpfs rw 0 0',
    'tmpfs /work/a tmpfs rw 0 0',
    'tmpfs /work/ab tmpfs rw 0 0',
    'tmpfs /work/a/two\\040words tmpfs rw 0 0',
    '',
  ].join('\n');

  it('finds the folder itself and what is inside, not its neighbours', () => {
    expect(mountsBelow('/work/a', mounts)).toEqual(['/work/a/mnt/dev', '/work/a', '/work/a/two words']);
  });

  it('finds nothing in an ordinary folder', () => {
    expect(mountsBelow('/work/b', mounts)).toEqual([]);
  });
});

describe('removeTree', () => {
  it('leaves alone what has a mount inside, deletes it afterwards, and is content when it is gone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'remove-tree-'));
    expect(() => removeTree(folder, `devtmpfs ${folder}/dev devtmpfs rw 0 0\n`)).toThrow(/mounted inside are .*\/dev/);
    expect(existsSync(folder)).toBe(true);
    removeTree(folder);
    expect(existsSync(folder)).toBe(false);
    removeTree(folder);
  });
});
