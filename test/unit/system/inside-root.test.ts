import { describe, expect, it } from 'vitest';
import { insideRoot } from '../../../src/system/index.ts';
import { memoryFiles } from '../../kit/memory-files.ts';

const links = (entries: Readonly<Record<string, string>>) =>
  memoryFiles(Object.fromEntries(Object.entries(entries).map(([path, link]) => [`/r${path}`, { link }])));

describe('a path inside a file system that came in an image', () => {
  it.each<readonly [string, Readonly<Record<string, string>>, string]>([
    ['/etc/fstab', {}, '/r/etc/fstab'],
    ['etc//./fstab', {}, '/r/etc/fstab'],
    ['/etc/fstab', { '/etc/fstab': '/run/config' }, '/r/run/config'],
    ['/etc/fstab', { '/etc/fstab': '../../../../run/config' }, '/r/run/config'],
    ['/etc/fstab', { '/etc': '/run', '/run': 'var/run' }, '/r/var/run/fstab'],
    ['/usr/sbin/grub-install', { '/usr/sbin': 'bin' }, '/r/usr/bin/grub-install'],
    ['/../../etc/fstab', {}, '/r/etc/fstab'],
    ['/boot/efi', { '/boot/efi': '/' }, '/r'],
    ['/a/x', { '/a': '/b/../c' }, '/r/c/x'],
  ])('%s with %j', async (path, entries, expected) => {
    expect(await insideRoot(links(entries), '/r', path)).toBe(expected);
  });

  it.each<readonly [string, Readonly<Record<string, string>>]>([
    ['/a', { '/a': 'a' }],
    ['/a', { '/a': '/b', '/b': '/a' }],
    ['/a', { '/a': 'a/a/a' }],
  ])('that goes in circles is none: %s with %j', async (path, entries) => {
    expect(await insideRoot(links(entries), '/r', path)).toBeNull();
  });
});
