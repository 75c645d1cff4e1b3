import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InjectRunRequest } from '../kit/inject-run.ts';
import { run } from '../kit/loop-device.ts';
import { createLoopDisk, type LoopDisk } from '../kit/loop-disk.ts';

/**
 * Real file systems, mounted by the step in a mount namespace of their own. All but /tmp of this machine is read-only
 * there: an escape must not do harm.
 */
const program = join(import.meta.dirname, '../kit/inject-run.ts');
const MIB = 1024 * 1024;
const privately = ['--mount', '--propagation', 'private'];
const harmless = 'mount --bind /tmp /tmp && mount -o remount,bind,ro / && exec "$0" "$@"';

let work = '';
let disk: LoopDisk;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'inject-'));
  disk = createLoopDisk({ bytes: 128 * MIB, fill: null });
});
afterEach(() => {
  run('partx', '--delete', disk.path);
  disk.close();
  rmSync(work, { recursive: true });
});

const put = (tree: string, path: string, text: string) => {
  mkdirSync(join(tree, path, '..'), { recursive: true });
  writeFileSync(join(tree, path), text);
};

/** A disk with a boot partition (1), swap (2) and the root file system (3), which `fill` makes up. */
function system(fill: (tree: string) => void = () => undefined, rootSize = '0'): void {
  const parts = ['-n', '1:1M:+24M', '-n', '2:0:+8M', '-n', `3:0:${rootSize}`, '-c', '3:my root'];
  run('sgdisk', ...parts, '-u', '3:aaaaaaaa-0000-4000-8000-000000000003', disk.path);
  run('partx', '--update', disk.path);
  const boot = join(work, 'boot.tree');
  put(boot, 'grub/grub.cfg', 'old');
  run('mke2fs', '-q', '-t', 'ext2', '-L', 'boot', '-d', boot, `${disk.path}p1`);
  run('mkswap', `${disk.path}p2`);
  const root = join(work, 'root.tree');
  put(root, 'etc/passwd', 'root:x:0:0::/root:/bin/sh\nalice:x:1234:1234::/:/bin/sh\n');
  put(root, 'etc/group', 'root:x:0:\nstaff:x:50:\n');
  put(root, 'etc/motd', 'old');
  mkdirSync(join(root, 'var'));
  fill(root);
  const uuid = ['-U', '11111111-2222-4333-8444-555555555555'];
  run('mke2fs', '-q', '-t', 'ext4', '-L', 'cloudimg-rootfs', ...uuid, '-d', root, `${disk.path}p3`);
}

interface Result {
  readonly outcome: unknown;
  readonly events: readonly { readonly event: string; readonly fields: unknown }[];
  readonly left: readonly string[];
}

async function inject(request: Omit<InjectRunRequest, 'disk'>): Promise<Result> {
  // An order may be too long for an argument of a program.
  const order = join(work, 'order.json');
  writeFileSync(order, JSON.stringify({ disk: disk.path, ...request }));
  const argv = [...privately, 'sh', '-c', harmless, process.execPath, program, order];
  const { stdout } = await promisify(execFile)('unshare', argv, { timeout: 90_000, maxBuffer: 64 * MIB });
  const result: Result = JSON.parse(stdout);
  expect(result.left).toEqual([]);
  return result;
}
const files = (...list: readonly unknown[]) => inject({ args: { files: list } });
const b64 = (text: string) => Buffer.from(text).toString('base64');

/** What a shell sees in the mounted file system. */
function inside(partition: number, script: string): string {
  const line = `mount -o ro "$0" /mnt && cd /mnt && ${script}`;
  return execFileSync('unshare', [...privately, 'sh', '-c', line, `${disk.path}p${partition}`], { encoding: 'utf8' });
}
const facts = (path: string) => inside(3, `stat -c '%a %u %g' ${path} && cat ${path}`);
const names = (folder: string) => inside(3, `ls -A ${folder}`).trim().split('\n');

describe('files for the deployed system', () => {
  it('go to the partition that has their first folder, with modes, owners and folders as asked for', async () => {
    system();
    const { outcome, events } = await inject({
      node: {
        properties: {
          inject_files: [
            { path: '/etc/motd', content: b64('of the node') },
            { path: '/grub/grub.cfg', content: b64('menu'), mode: 0o600 },
          ],
        },
      },
      args: {
        files: [
          { path: '/etc/motd', content: b64('of the step') },
          {
            path: '/var/a/b/key',
            content: b64('secret-of-the-file'),
            mode: 0o400,
            dirmode: 0o700,
            owner: 1234,
            group: 'staff',
          },
          { path: '/etc/alice', content: b64(''), owner: 'alice' },
          { path: '/etc/group', deleted: true },
          { path: '/etc/none', deleted: true },
        ],
      },
    });
    expect(outcome).toEqual({ result: null });
    expect(facts('etc/motd')).toBe('644 0 0\nof the step');
    expect(facts('var/a/b/key')).toBe('400 1234 50\nsecret-of-the-file');
    expect(facts('etc/alice')).toBe('644 1234 0\n');
    expect(inside(3, 'stat -c %a,%u var/a var/a/b')).toBe('755,0\n700,0\n');
    expect(names('etc')).toEqual(['alice', 'motd', 'passwd']);
    expect(inside(1, 'stat -c %a grub/grub.cfg && cat grub/grub.cfg')).toBe('600\nmenu');
    const said = JSON.stringify(events);
    for (const text of ['secret-of-the-file', 'of the node']) {
      expect(said).not.toContain(text);
      expect(said).not.toContain(b64(text));
    }
    expect(said).toContain('/var/a/b/key');
  });

  it.each<readonly [string, unknown]>([
    ['its number', 3],
    ['its number as text', '3'],
    ['PARTUUID', 'PARTUUID=AAAAAAAA-0000-4000-8000-000000000003'],
    ['UUID', 'UUID=11111111-2222-4333-8444-555555555555'],
    ['label', 'LABEL=cloudimg-rootfs'],
    ['partition label', 'PARTLABEL=my root'],
    ['an identifier', '11111111-2222-4333-8444-555555555555'],
    ['a bare label', 'cloudimg-rootfs'],
    ['its device', 'DEVICE'],
  ])('go to the partition named by %s, also into its root', async (_how, partition) => {
    system();
    const where = partition === 'DEVICE' ? `${disk.path}p3` : partition;
    expect((await files({ path: '/flag', content: b64('x'), partition: where })).outcome).toEqual({ result: null });
    expect(facts('flag')).toBe('644 0 0\nx');
  });

  it.each<readonly [string, unknown, RegExp]>([
    [
      'no number',
      9,
      /^\/dev\/loop\d+ has no partition 9: .*p1 \(ext2 boot\), .*p2 \(swap\), .*p3 \(ext4 cloudimg-rootfs\)/,
    ],
    ['no label', 'LABEL=none', /has no partition LABEL=none/],
    ['no device', '/dev/none', /^there is no block device \/dev\/none/],
    ['no block device', '/dev/null', /^there is no block device \/dev\/null/],
    ['no folder', undefined, /^no partition has the folder \/opt for \/opt\/x; looked at: .*p1 /],
  ])('have no place (%s): an error, and nothing is written', async (_why, partition, details) => {
    system();
    const first = { path: '/etc/motd', content: b64('new') };
    const { outcome } = await files(first, { path: '/opt/x', content: b64('x'), partition });
    expect(outcome).toEqual({ type: 'DeviceNotFound', details: expect.stringMatching(details) });
    expect(facts('etc/motd')).toBe('644 0 0\nold');
  });

  it('do not go into swap', async () => {
    system();
    const { outcome } = await files({ path: '/x', content: '', partition: 2 });
    const details = expect.stringMatching(/p2 has swap, not one of ext2, ext3, ext4, xfs, btrfs, vfat/);
    expect(outcome).toEqual({ type: 'CommandExecutionError', details });
  });

  it('are found past a file system that cannot be mounted, which the log names', async () => {
    system();
    // The group table; the super block stays.
    run('dd', 'if=/dev/urandom', `of=${disk.path}p1`, 'bs=1024', 'seek=2', 'count=8', 'status=none', 'oflag=direct');
    const { outcome, events } = await files({ path: '/etc/motd', content: b64('new') });
    expect(outcome).toEqual({ result: null });
    expect(events.map(({ event }) => event)).toContain('inject.look.failed');
  });

  it('may need a folder that an earlier one makes', async () => {
    system();
    const list = [
      { path: '/new/a', content: b64('a'), partition: 3 },
      { path: '/new/b', content: b64('b') },
    ];
    expect((await files(...list)).outcome).toEqual({ result: null });
    expect(names('new')).toEqual(['a', 'b']);
  });

  it('that do not fit leave the old one whole and say how far it came', async () => {
    system(undefined, '+9M');
    const before = { path: '/etc/motd', content: b64('x'.repeat(99)) };
    const big = { path: '/etc/motd', content: Buffer.alloc(16 * MIB, 0x61).toString('base64') };
    const { outcome } = await files(before, big);
    const details = expect.stringMatching(
      /^cannot write \/etc\/motd on .*p3: ENOSPC: no space left on device; 1 of 2 files were done before$/,
    );
    expect(outcome).toEqual({ type: 'CommandExecutionError', details });
    expect(facts('etc/motd')).toBe(`644 0 0\n${'x'.repeat(99)}`);
    expect(names('etc')).toEqual(['group', 'motd', 'passwd']);
  });

  it('that are replaced keep mode, owner and the label of SELinux', async () => {
    system();
    const label = 'system_u:object_r:etc_t:s0';
    const orders = ['sif /etc/motd mode 0100640', 'sif /etc/motd uid 7', `ea_set /etc/motd security.selinux ${label}`];
    for (const order of orders) run('debugfs', '-w', '-R', order, `${disk.path}p3`);
    expect((await files({ path: '/etc/motd', content: b64('new') })).outcome).toEqual({ result: null });
    expect(facts('etc/motd')).toBe('640 7 0\nnew');
    expect(run('debugfs', '-R', 'ea_get /etc/motd security.selinux', `${disk.path}p3`)).toContain(label);
  });
});

describe('a hostile image', () => {
  let outside = '';
  beforeEach(() => {
    outside = join(work, 'ramdisk');
    put(outside, 'secret', 'of the ramdisk');
    put(outside, 'etc/motd', 'of the ramdisk');
  });
  afterEach(() => {
    expect(readdirSync(outside).sort()).toEqual(['etc', 'secret']);
    expect(readdirSync(join(outside, 'etc'))).toEqual(['motd']);
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('of the ramdisk');
    expect(readFileSync(join(outside, 'etc/motd'), 'utf8')).toBe('of the ramdisk');
  });
  const up = '../'.repeat(40);
  const fifo = (tree: string) => void run('mkfifo', join(tree, 'evil'));
  const device = (tree: string) => void run('mknod', join(tree, 'evil'), 'b', '7', '0');
  const folder = (tree: string) => mkdirSync(join(tree, 'evil'));
  const link = (to: () => string) => (tree: string) => symlinkSync(to(), join(tree, 'evil'));

  it.each<readonly [string, (tree: string) => void, string, RegExp]>([
    ['an absolute link to a folder of the ramdisk', link(() => outside), '/evil/x', /leads over a link to nothing/],
    [
      'a relative link to a folder of the ramdisk',
      link(() => `${up}${outside}`),
      '/evil/x',
      /leads over a link to nothing/,
    ],
    ['a link to a file of the ramdisk', link(() => `${outside}/secret`), '/evil', /leads over a link to nothing/],
    ['a link to the way out through /proc', link(() => '/proc/self/cwd'), '/evil/x', /leads over a link to nothing/],
    ['a link to itself', link(() => 'evil'), '/evil', /leads through more than 40 links/],
    ['a link to itself as a folder', link(() => '/evil'), '/evil/x', /leads through more than 40 links/],
    ['a pipe', fifo, '/evil', /is there, but not as a regular file/],
    ['a pipe as a folder', fifo, '/evil/x', /leads through evil, which is not a folder/],
    ['a disk', device, '/evil', /is there, but not as a regular file/],
    ['a folder', folder, '/evil', /is a folder/],
  ])('with %s at the place is refused', async (_what, fill, path, why) => {
    system(fill);
    const { outcome } = await files({ path, content: b64('evil'), partition: 3, mode: 0o777 });
    expect(outcome).toEqual({ type: 'CommandExecutionError', details: expect.stringMatching(why) });
    expect(names('.')).not.toContain('secret');
  });

  it('whose links lead up and away gets its files where its own system will find them', async () => {
    system((tree) => {
      symlinkSync('/', join(tree, 'evil'));
      symlinkSync(up, join(tree, 'up'));
      symlinkSync(`${up}etc/motd`, join(tree, 'etc/issue'));
      symlinkSync('/var', join(tree, 'run'));
      symlinkSync(outside, join(tree, 'etc/out'));
    });
    const list = ['/evil/etc/1', '/up/up/evil/etc/2', '/etc/issue', '/run/3/4'];
    const { outcome } = await files(
      ...list.map((path) => ({ path, content: b64(path) })),
      { path: '/etc/out', deleted: true },
      { path: '/etc/out/secret', deleted: true },
    );
    expect(outcome).toEqual({ result: null });
    expect(names('etc')).toEqual(['1', '2', 'group', 'issue', 'motd', 'passwd']);
    expect(inside(3, 'cat etc/1 etc/2 etc/motd var/3/4')).toBe(list.join(''));
  });

  it('whose user list is a link to the ramdisk does not tell numbers of the ramdisk', async () => {
    put(outside, 'etc/motd', 'of the ramdisk');
    system((tree) => {
      rmSync(join(tree, 'etc/passwd'));
      symlinkSync(`${up}etc/passwd`, join(tree, 'etc/passwd'));
    });
    const { outcome } = await files({ path: '/etc/x', content: '', owner: 'daemon' });
    const details = expect.stringMatching(/cannot write \/etc\/x on .*p3: .*/);
    expect(outcome).toEqual({ type: 'CommandExecutionError', details });
  });
});
