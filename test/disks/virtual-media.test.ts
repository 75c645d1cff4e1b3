import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../kit/loop-device.ts';

/**
 * Real mounts of real file systems in a mount namespace. The kernel of a developer's machine need not have vfat and
 * iso9660, so the media are ext2; test/vm/media.test.ts has a FAT stick and an ISO.
 */
const program = join(import.meta.dirname, '../kit/media-run.ts');
let work = '';
const loops: string[] = [];

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'virtual-media-'));
});
afterEach(() => {
  for (const loop of loops.splice(0)) run('losetup', '--detach', loop);
  rmSync(work, { recursive: true });
});

interface Medium {
  readonly device: string;
  readonly file: string;
}

/** A medium with what `fill` puts into its tree. */
function medium(label: string, fill: (tree: string) => void, fs: 'ext2' | 'ext4' = 'ext2', size = '16M'): Medium {
  const name = `${label}-${loops.length}`;
  const tree = join(work, `${name}.tree`);
  mkdirSync(tree);
  fill(tree);
  const file = join(work, `${name}.img`);
  run('mke2fs', '-q', '-t', fs, '-L', label, '-d', tree, file, size);
  const device = run('losetup', '--find', '--show', file).trim();
  loops.push(device);
  return { device, file };
}

const put = (tree: string, path: string, text: string) => {
  mkdirSync(join(tree, path, '..'), { recursive: true });
  writeFileSync(join(tree, path), text);
};

const large = (path: string) => {
  writeFileSync(path, '');
  truncateSync(path, 2 ** 30);
};

interface Result {
  readonly outcome: unknown;
  readonly events: readonly { readonly event: string; readonly fields: Readonly<Record<string, unknown>> }[];
  readonly etc: Readonly<Record<string, string>>;
  /** Mount points of media that are still there. */
  readonly left: readonly string[];
}

type Shown = Medium & { readonly type?: 'rom' | 'disk' | 'part'; readonly tran?: string };

/** The start of the agent in a mount namespace; `before` is a shell line that runs there first. */
function start(kernel: string, media: readonly Shown[], before = 'true'): Result {
  const shown = media.map(({ device, type = 'rom', tran = 'usb' }) => ({ device, type, tran }));
  const request = JSON.stringify({ kernel: `boot_method=vmedia ${kernel}`, media: shown });
  const script = `set -e; mount -t tmpfs none /etc; ${before}; exec "$0" "$@"`;
  const args = ['--mount', '--propagation', 'private', 'sh', '-c', script, process.execPath, program, request];
  return JSON.parse(
    execFileSync('unshare', args, { encoding: 'utf8', timeout: 90_000, env: { PATH: process.env.PATH } }),
  );
}

const digest = ({ file }: Medium) => createHash('sha256').update(readFileSync(file)).digest('hex');
const conf = 'etc/ironic-python-agent.d/ironic-tls.conf';
const tls = '[DEFAULT]\ncafile = /etc/ironic-python-agent/ironic.crt\n';
const known = 'ipa-api-url=http://kernel';

describe('virtual media', () => {
  it('give parameters and configuration, are unmounted, and are not written to', () => {
    const floppy = medium('IR-VFD-DEV', (tree) => put(tree, 'parameters.txt', 'ipa-api-url=http://floppy\n'));
    const cd = medium('config-2', (tree) => {
      put(tree, conf, tls);
      put(tree, 'etc/ironic-python-agent/ironic.crt', 'PEM');
      put(tree, 'etc/passwd', 'evil');
    });
    const before = [digest(floppy), digest(cd)];
    const { outcome, etc, left } = start('', [{ ...floppy, type: 'disk' }, cd]);
    expect(outcome).toEqual({
      apiUrl: ['http://floppy'],
      cafile: '/etc/ironic-python-agent/ironic.crt',
      origins: [
        `parameter ipa-api-url of the virtual floppy ${floppy.device}`,
        `file /${conf} (from virtual medium ${cd.device}) [DEFAULT] line 2`,
      ],
    });
    expect(etc).toEqual({ [`/${conf}`]: `600 ${tls}`, '/etc/ironic-python-agent/ironic.crt': '600 PEM' });
    expect(left).toEqual([]);
    expect([digest(floppy), digest(cd)]).toEqual(before);
  });

  it('are used where they are mounted, and stay there; a left-over config drive is unmounted', () => {
    const cd = medium('VMEDIA_BOOT_ISO', (tree) => put(tree, conf, tls));
    const mounted = `mount -t tmpfs none /mnt; mkdir /mnt/cd /mnt/config; mount -o ro ${cd.device} /mnt/cd; mount -t tmpfs none /mnt/config`;
    const { outcome, left } = start(known, [cd], mounted);
    expect(outcome).toMatchObject({ cafile: '/etc/ironic-python-agent/ironic.crt' });
    expect(left).toEqual(['/mnt/cd']);
  });

  it.each([
    ['a partition', { type: 'part', tran: '' }],
    ['a disk that is not on USB', { type: 'disk', tran: 'nvme' }],
  ] as const)('do not count on %s', (_what, seen) => {
    const disk = medium('config-2', (tree) => put(tree, conf, tls));
    const { outcome, etc, events } = start(known, [{ ...disk, ...seen }]);
    expect(outcome).toMatchObject({ cafile: null });
    expect(etc).toEqual({});
    expect(events.map(({ event }) => event)).toContain('media.refused');
  });

  it('with a journal are not mounted: that could write to them', () => {
    const stick = medium('config-2', (tree) => put(tree, conf, tls), 'ext4');
    const before = digest(stick);
    const { outcome, events } = start(known, [stick]);
    expect(outcome).toMatchObject({ cafile: null });
    expect(JSON.stringify(events)).toContain(`${stick.device} has ext4, not one of`);
    expect(digest(stick)).toBe(before);
  });

  it('with a damaged file system are an error after three attempts, and nothing stays mounted', () => {
    const cd = medium('config-2', (tree) => put(tree, conf, tls));
    // The block group table; the super block with the label stays.
    run('dd', 'if=/dev/urandom', `of=${cd.device}`, 'bs=1024', 'seek=2', 'count=8', 'status=none', 'oflag=direct');
    const { outcome, etc, events, left } = start(known, [cd]);
    expect(outcome).toEqual({ error: expect.stringContaining(`${cd.device} cannot be read: mount `) });
    expect(events.filter(({ event }) => event === 'media.read.retry')).toHaveLength(2);
    expect({ etc, left }).toEqual({ etc: {}, left: [] });
  });

  it.each<readonly [string, (tree: string) => void, string]>([
    [
      'a link to a secret of the ramdisk',
      (dir) => symlinkSync('/root/.ssh/id', join(dir, 'a.conf')),
      'link to nothing',
    ],
    ['a link out of the medium', (dir) => symlinkSync('/proc/self/environ', join(dir, 'a.conf')), 'leaves the medium'],
    ['a device node', (dir) => void run('mknod', join(dir, 'a.conf'), 'c', '1', '5'), 'neither a file nor a folder'],
    ['a pipe', (dir) => void run('mkfifo', join(dir, 'a.conf')), 'neither a file nor a folder'],
    ['binary', (dir) => writeFileSync(join(dir, 'a.conf'), Uint8Array.of(0, 1, 255)), 'is not text'],
  ])('with %s are refused whole', (_what, fill, why) => {
    const cd = medium('config-2', (tree) => {
      put(tree, 'etc/ironic-python-agent/ironic.crt', 'PEM');
      put(tree, 'etc/ironic-python-agent.d/0.conf', '[DEFAULT]\n');
      fill(join(tree, 'etc/ironic-python-agent.d'));
    });
    const { outcome, etc, left } = start(known, [cd]);
    expect(outcome).toEqual({ error: expect.stringMatching(`etc/ironic-python-agent.d/a.conf on ${cd.device} is .*`) });
    expect(JSON.stringify(outcome)).toContain(why);
    expect({ etc, left }).toEqual({ etc: {}, left: [] });
  });

  it.each<readonly [string, (tree: string) => void, string]>([
    ['is absent', () => undefined, 'has no parameters.txt'],
    ['is a folder', (tree) => void mkdirSync(join(tree, 'parameters.txt')), 'is not a file'],
    ['is one GiB', (tree) => large(join(tree, 'parameters.txt')), 'is larger than 64 KiB'],
    ['is binary', (tree) => writeFileSync(join(tree, 'parameters.txt'), Uint8Array.of(0, 255)), 'is not text'],
  ])(
    'whose parameters.txt %s end an agent that knows nobody, and are an error in the log of another',
    (_what, fill, why) => {
      const floppy = medium('ir-vfd-dev', fill, 'ext2', '2G');
      expect(start('', [floppy]).outcome).toEqual({ error: expect.stringContaining(why) });
      const { outcome, events, left } = start(known, [floppy]);
      expect(outcome).toMatchObject({ apiUrl: ['http://kernel'] });
      const said = events.find(({ event }) => event === 'media.parameters.absent');
      expect(said?.fields).toEqual({ device: floppy.device, reason: expect.stringContaining(why) });
      expect(left).toEqual([]);
    },
  );
});
