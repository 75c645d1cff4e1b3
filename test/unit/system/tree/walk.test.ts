import { describe, expect, it } from 'vitest';
import { type Folders, type Place, walk } from '../../../../src/system/tree/walk.ts';

/** A folder is an object, a link a string, a file true, anything else null. */
interface Folder {
  [name: string]: Folder | string | true | null;
}

function foldersOf(root: Folder) {
  let open = 0;
  const folders: Folders<Folder, true> = {
    root,
    look: async (dir, name) => {
      if (!Object.hasOwn(dir, name)) return null;
      const entry = dir[name];
      if (typeof entry === 'string') return { kind: 'link', target: entry };
      if (entry === true) return { kind: 'file', file: entry };
      if (entry === null || entry === undefined) return { kind: 'other' };
      open += 1;
      return { kind: 'dir', dir: entry };
    },
    leave: async () => {
      open -= 1;
    },
  };
  return { folders, open: () => open };
}

/** The way to a folder by names alone. */
function pathOf(root: Folder, wanted: Folder, at = ''): string | null {
  if (root === wanted) return at === '' ? '/' : at;
  for (const [name, entry] of Object.entries(root)) {
    const found = typeof entry === 'object' && entry !== null ? pathOf(entry, wanted, `${at}/${name}`) : null;
    if (found !== null) return found;
  }
  return null;
}

const image = (): Folder => ({
  etc: {
    hosts: true,
    passwd: true,
    'resolv.conf': '../run/systemd/resolve/stub-resolv.conf',
    localtime: '/usr/share/zone',
    up: '../../../../etc/hosts',
    self: 'self',
    slash: 'hosts/',
    a: 'b',
    b: '../etc/a',
    fifo: null,
    bad: 'caf\uFFFD',
    into: '/usr/lib/new',
  },
  usr: { lib: {}, share: { zone: true } },
  lib: 'usr/lib',
  var: { run: '/run', lock: '/none/lock', up: '..' },
  run: {},
  root: '/',
});

async function where(path: string, followLast: boolean, make = false) {
  const tree = image();
  const { folders, open } = foldersOf(tree);
  const made: string[] = [];
  const making = async (dir: Folder, name: string, last: boolean) => {
    const fresh: Folder = {};
    dir[name] = fresh;
    made.push(`${pathOf(tree, fresh)}${last ? ' last' : ''}`);
    await folders.look(dir, name);
    return fresh;
  };
  const show = async (place: Place<Folder, true> | null) =>
    place && `${pathOf(tree, place.dir)} ${place.name} ${place.found?.kind ?? null}`;
  const options = make ? { followLast, make: making } : { followLast };
  const said = await walk(folders, path, options, show).catch((error: Error) => error.message.replace(/^.*?: /, ''));
  expect(open()).toBe(0);
  return made.length === 0 ? said : [said, ...made];
}

describe('a path in a file system that is not ours', () => {
  it.each([
    ['/etc/hosts', '/etc hosts file'],
    ['//etc/./hosts', '/etc hosts file'],
    ['/etc/new', '/etc new null'],
    ['/lib/new', '/usr/lib new null'],
    ['/var/run/new', '/run new null'],
    ['/etc/localtime', '/usr/share zone file'],
    ['/etc/into', '/usr/lib new null'],
    ['/etc/up', '/etc hosts file'],
    ['/root/root/root/etc/hosts', '/etc hosts file'],
    ['/../../etc/passwd', '/etc passwd file'],
    ['/var/up/etc/../../../etc/hosts', '/etc hosts file'],
    ['/etc/fifo', '/etc fifo other'],
    ['/etc', '/etc null null'],
    ['/lib', '/usr/lib null null'],
    ['/root', '/ null null'],
    ['/', '/ null null'],
    ['/none/x', null],
    ['/var/lock/x', null],
    ['/etc/resolv.conf', null],
    ['/etc/hosts/x', '/etc/hosts/x leads through hosts, which is not a folder'],
    ['/etc/fifo/x', '/etc/fifo/x leads through fifo, which is not a folder'],
    ['/etc/hosts/', '/etc/hosts/ leads through hosts, which is not a folder'],
    ['/etc/hosts/.', '/etc/hosts/. leads through hosts, which is not a folder'],
    ['/etc/slash', '/etc/slash leads through hosts, which is not a folder'],
    ['/lib/', '/usr/lib null null'],
    ['/etc/self', '/etc/self leads through more than 40 links'],
    ['/etc/a/x', '/etc/a/x leads through more than 40 links'],
    ['/etc/bad', '/etc/bad leads over a link whose name is not UTF-8'],
    [`/${'root/'.repeat(40)}etc`, '/etc null null'],
    [`/${'root/'.repeat(41)}etc`, expect.stringContaining('leads through more than 40 links')],
  ])('%s is %s', async (path, place) => {
    expect(await where(path, true)).toEqual(place);
  });

  it.each([
    ['/etc/resolv.conf', '/etc resolv.conf link'],
    ['/etc/self', '/etc self link'],
    ['/var/run/../etc/localtime', '/etc localtime link'],
  ])('%s is itself where the last link is not followed', async (path, place) => {
    expect(await where(path, false)).toBe(place);
  });

  it.each([
    ['/a/b/c', ['/a/b c null', '/a', '/a/b last']],
    ['/etc/x/y', ['/etc/x y null', '/etc/x last']],
    ['/var/run/x/y', ['/run/x y null', '/run/x last']],
    ['/etc/hosts', '/etc hosts file'],
    ['/var/lock/x', '/var/lock/x leads over a link to nothing: there is no folder none'],
    ['/etc/resolv.conf', '/etc/resolv.conf leads over a link to nothing: there is no folder systemd'],
  ])('%s makes folders where they are missing, never behind a link to nothing', async (path, place) => {
    expect(await where(path, true, true)).toEqual(place);
  });

  it('of too many folders is refused', async () => {
    expect(await where('/a'.repeat(200), true, true)).toContain(
      `${'/a'.repeat(200)} leads through more than 128 folders`,
    );
  });
});
