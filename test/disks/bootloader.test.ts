import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import type { BootloaderRequest } from '../../src/image/index.ts';
import type { BootloaderRun } from '../kit/bootloader-run.ts';
import { createLoopDevice, type LoopDevice, run } from '../kit/loop-device.ts';

/**
 * Real chroots into a real ext4 on a loop device, whose boot loader programs are scripts that write down what they see.
 * The kernel of a developer's machine need not have vfat: UEFI is in test/vm/bootloader.test.ts.
 */
const program = join(import.meta.dirname, '../kit/bootloader-run.ts');
const MiB = 1024 * 1024;
const DISK_BYTES = 48 * MiB;
const ROOT_UUID = '11111111-2222-4333-8444-555555555555';
const cleanups: (() => void)[] = [];

afterEach(() => {
  for (const clean of cleanups.splice(0).reverse()) clean();
});

const put = (tree: string, path: string, text: string, mode = 0o644) => {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  writeFileSync(join(tree, path), text, { mode });
};

const script = (body: string) => `#!/bin/sh\n${body}\n`;
/** Everything a program sees goes into a file of the image. */
const recording = (name: string, then = 'true') =>
  script(`{ echo "call $0 $*"; env | sort; echo "mounts:"; cut -d' ' -f2-4 /proc/mounts; echo "dev:"; find /dev | sort
echo "run:"; find /run | sort; echo "net:"; ls /sys/class/net; echo "tasks:"; ls /proc | grep -c '^[0-9]'; } > /record.${name} 2>&1
${then}`);

interface ImageSpec {
  /** Content by path, over the usual scripts; null leaves one out. */
  readonly files?: Readonly<Record<string, string | null>>;
  readonly links?: Readonly<Record<string, string>>;
}

function imageTree({ files = {}, links = {} }: ImageSpec): string {
  const tree = mkdtempSync(join(tmpdir(), 'boot-image-'));
  cleanups.push(() => rmSync(tree, { recursive: true }));
  put(tree, 'bin/busybox', '');
  copyFileSync('/bin/busybox', join(tree, 'bin/busybox'));
  const applets = execFileSync('busybox', ['--list'], { encoding: 'utf8' }).trim().split('\n');
  for (const applet of applets.filter((name) => name !== 'busybox')) symlinkSync('busybox', join(tree, 'bin', applet));
  const usual = {
    'usr/sbin/grub-install': recording('install'),
    'usr/sbin/grub-mkconfig': recording('mkconfig', 'mkdir -p /boot/grub; echo "made" > "$2"'),
    'etc/resolv.conf': 'nameserver 192.0.2.1\n',
    'etc/fstab': `UUID=${ROOT_UUID} / ext4 defaults 0 1\nUUID=AAAA-BBBB /boot/efi vfat defaults 0 1\n`,
  };
  for (const [path, text] of Object.entries({ ...usual, ...files })) if (text !== null) put(tree, path, text, 0o755);
  for (const [path, target] of Object.entries(links)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    symlinkSync(target, join(tree, path));
  }
  return tree;
}

interface TestDisk extends LoopDevice {
  readonly root: string;
  readonly partUuid: string;
  /** A file of the image as it is on the disk; empty when it is not there. */
  readonly cat: (path: string) => string;
}

/** A disk with a DOS table: 8 MiB that are nothing, then the root file system. */
function imageDisk(spec: ImageSpec = {}): TestDisk {
  const disk = createLoopDevice(DISK_BYTES);
  cleanups.push(() => disk.remove());
  const table = 'label: dos\nlabel-id: 0x11223344\nstart=2048, size=16384, type=41\nstart=18432, type=83, bootable\n';
  // A loop device may still have the partitions of its last file, and somebody who looks at them.
  spawnSync('partx', ['--delete', disk.path]);
  execFileSync('sfdisk', ['--quiet', '--no-reread', '--no-tell-kernel', disk.path], { input: table });
  const partitions = disk.readPartitions();
  const root = partitions[1] ?? '';
  run('mke2fs', '-q', '-t', 'ext4', '-U', ROOT_UUID, '-L', 'img-rootfs', '-d', imageTree(spec), root);
  const cat = (path: string) => run('debugfs', '-R', `cat ${path}`, root);
  return { ...disk, root, partUuid: '11223344-02', cat };
}

const usual: BootloaderRequest = {
  rootUuid: ROOT_UUID,
  efiSystemPartUuid: null,
  prepBootPartUuid: null,
  targetBootMode: 'bios',
  ignoreFailure: false,
  mayRunImage: true,
};

interface Result {
  readonly outcome: {
    readonly warnings?: readonly string[];
    readonly error?: string;
    readonly type?: string;
    readonly data?: Readonly<Record<string, unknown>>;
  };
  readonly events: readonly { readonly event: string; readonly fields: Readonly<Record<string, unknown>> }[];
  readonly progress: readonly { readonly on?: string; readonly done: number; readonly total: number }[];
  readonly mountsChanged: boolean;
}

async function install(disk: TestDisk, over: Partial<BootloaderRequest> = {}, cancelAt?: string): Promise<Result> {
  const asked: BootloaderRun = {
    disk: disk.path,
    bytes: DISK_BYTES,
    request: { ...usual, ...over },
    ...(cancelAt === undefined ? {} : { cancelAt }),
  };
  const args = ['--mount', '--propagation', 'private', process.execPath, program, JSON.stringify(asked)];
  const folders = () => readdirSync('/tmp').filter((name) => name.startsWith('image-root-'));
  const before = folders();
  const { stdout } = await promisify(execFile)('unshare', args, {
    timeout: 120_000,
    env: { PATH: process.env.PATH, OS_DEFAULT__AGENT_TOKEN: 'token-of-the-agent' },
  });
  const result: Result = JSON.parse(stdout);
  expect(result.mountsChanged).toBe(false);
  expect(folders()).toEqual(before);
  // A file system that is still mounted somewhere would be busy.
  run('e2fsck', '-fn', disk.root);
  run('blockdev', '--flushbufs', disk.path);
  execFileSync('flock', ['--nonblock', disk.root, 'true']);
  return result;
}

const section = (record: string, name: string): readonly string[] => {
  const lines = record.split('\n');
  const from = lines.indexOf(`${name}:`) + 1;
  const length = lines.slice(from).findIndex((line) => line.endsWith(':'));
  return lines.slice(from, length < 0 ? undefined : from + length).filter((line) => line !== '');
};

describe('the boot loader of a partition image', () => {
  it('is installed by its own programs, which see their disk and little else', async () => {
    const disk = imageDisk();
    const { outcome, progress } = await install(disk);
    expect(outcome).toEqual({ warnings: [] });
    const installed = disk.cat('/record.install');
    expect(installed).toContain(`call /usr/sbin/grub-install ${disk.path}\n`);
    expect(installed).toContain('PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n');
    expect(installed).not.toMatch(/token|GRUB_/);
    expect(section(installed, 'mounts').map((line) => line.replace(/ (r[ow]),.*/, ' $1'))).toEqual([
      '/ ext4 rw',
      '/dev tmpfs rw',
      '/sys sysfs ro',
      '/run tmpfs rw',
      '/proc proc rw',
    ]);
    const nodes = section(installed, 'dev');
    expect(nodes).toEqual(expect.arrayContaining(['/dev/null', '/dev/fd', disk.path, `${disk.path}p1`, disk.root]));
    expect(nodes.filter((path) => /\/(sd|vd|nvme|loop|dm-|mem|kvm)/.test(path) && !path.startsWith(disk.path))).toEqual(
      [],
    );
    expect(section(installed, 'run')).toEqual(['/run']);
    expect(section(installed, 'net')).toEqual(['lo']);
    const configured = disk.cat('/record.mkconfig');
    expect(configured).toContain('call /usr/sbin/grub-mkconfig -o /boot/grub/grub.cfg\n');
    expect(configured).toMatch(/GRUB_DISABLE_OS_PROBER=true\nGRUB_SAVEDEFAULT=true\n/);
    expect(disk.cat('/boot/grub/grub.cfg')).toBe('made\n');
    expect(disk.cat('/etc/resolv.conf')).toBe('nameserver 192.0.2.1\n');
    expect(disk.cat('/etc/fstab')).not.toContain('umask');
    expect(progress.map(({ on, done, total }) => [on, done, total])).toEqual([
      ['grub-install', 0, 2],
      ['grub-mkconfig', 1, 2],
      [undefined, 2, 2],
    ]);
  });

  it.each([
    ['UUID in capitals', { rootUuid: ROOT_UUID.toUpperCase() }],
    ['PARTUUID', { rootUuid: '11223344-02' }],
    ['label', { rootUuid: 'img-rootfs' }],
  ])('finds its root by %s', async (_what, over) => {
    const disk = imageDisk();
    expect((await install(disk, over)).outcome).toEqual({ warnings: [] });
    expect(disk.cat('/record.install')).toContain(disk.path);
  });

  it('goes to the PReP partition of a POWER machine', async () => {
    const disk = imageDisk();
    expect((await install(disk, { prepBootPartUuid: '11223344-01' })).outcome).toEqual({ warnings: [] });
    expect(disk.cat('/record.install')).toContain(`call /usr/sbin/grub-install ${disk.path}p1\n`);
  });

  it('is that of GRUB 2 where the image calls it so, also behind links', async () => {
    const disk = imageDisk({
      files: {
        'usr/sbin/grub-install': null,
        'usr/sbin/grub-mkconfig': null,
        'usr/bin/real-install': recording('install'),
        'usr/bin/grub2-mkconfig': recording('mkconfig'),
      },
      links: { 'usr/sbin/grub2-install': '/usr/bin/real-install', run: 'var/run', 'var/run': '../run-of-the-image' },
    });
    const { outcome } = await install(disk);
    expect(outcome).toEqual({ warnings: [] });
    expect(disk.cat('/record.install')).toContain(`call /usr/sbin/grub2-install ${disk.path}\n`);
    expect(disk.cat('/record.mkconfig')).toContain('call /usr/bin/grub2-mkconfig -o /boot/grub2/grub.cfg\n');
    expect(section(disk.cat('/record.install'), 'mounts').join('\n')).toContain('/run-of-the-image tmpfs');
  });

  it.each([
    ['dev', '../../../../dev', 'InvalidImage'],
    ['run', '/run', 'InvalidImage'],
    ['proc', '/bin/busybox', 'InvalidImage'],
    ['run', '../../../../../../etc', undefined],
    ['sys', 'proc/self/root/sys', undefined],
  ])('does no harm to the ramdisk with a link %s -> %s', async (name, target, type) => {
    const disk = imageDisk({ links: { [name]: target } });
    // Loop devices come and go with other tests.
    const look = () => run('ls', '-A', '/dev', '/run', '/etc').replaceAll(/^loop.*\n/gm, '');
    const before = look();
    const { outcome } = await install(disk);
    expect(look()).toBe(before);
    expect(outcome.type).toBe(type);
  });

  it('whose program fails is told with its last words, and nothing stays mounted', async () => {
    const disk = imageDisk({ files: { 'usr/sbin/grub-install': script('echo "no room for core.img" >&2; exit 1') } });
    const { outcome } = await install(disk);
    expect(outcome).toMatchObject({
      type: 'CommandExecutionError',
      error: `no boot loader was installed on ${disk.path}: grub-install ${disk.path} of the image exited 1: no room for core.img`,
      data: { exit_code: 1, stderr_tail: 'no room for core.img' },
    });
    expect(disk.cat('/record.mkconfig')).toBe('');
  });

  it.each([
    [
      'no grub-install',
      { 'usr/sbin/grub-install': null },
      /grub-install .* exited 127: .*not found.*the image needs grub-install/,
    ],
    ['no shell', { 'bin/busybox': 'no program' }, /grub-install .* exited 12[67]: .*\/bin\/sh/],
  ])('without its program is told: %s', async (_what, files, error) => {
    const { outcome } = await install(imageDisk({ files }));
    expect(outcome.type).toBe('CommandExecutionError');
    expect(outcome.error).toMatch(error);
  });

  it('that hangs ends with the command, with everything it started, and nothing stays mounted', async () => {
    const hanging = script('trap "" TERM HUP; sleep 5813 & setsid sleep 5813 & sleep 5813; sleep 5813');
    const disk = imageDisk({ files: { 'usr/sbin/grub-install': hanging } });
    const { outcome } = await install(disk, {}, 'grub-install');
    expect(outcome).toEqual({ error: 'cancelled' });
    expect(run('ps', 'ax', '-o', 'args')).not.toContain('sleep 5813');
  });

  it('that leaves processes behind does not keep the disk busy', async () => {
    const leaving = recording('install', 'cd /; sleep 5814 > /held & (setsid sleep 5814 > /held2 &)');
    const disk = imageDisk({ files: { 'usr/sbin/grub-install': leaving } });
    expect((await install(disk)).outcome).toEqual({ warnings: [] });
    expect(run('ps', 'ax', '-o', 'args')).not.toContain('sleep 5814');
    expect(disk.cat('/boot/grub/grub.cfg')).toBe('made\n');
  });

  it('is not touched where the operator does not allow it', async () => {
    const disk = imageDisk();
    const before = disk.digest();
    const { outcome } = await install(disk, { mayRunImage: false });
    expect(outcome).toMatchObject({
      type: 'InvalidImage',
      error: expect.stringMatching(/enable_bios_bootloader_install.*CVE-2026-43003/),
    });
    expect(disk.digest()).toBe(before);
  });

  it('is not touched when one is there', async () => {
    const disk = imageDisk();
    disk.write(0, Buffer.from([0xeb, 0x63, 0x90]));
    const before = disk.digest();
    const { outcome, events } = await install(disk);
    expect(outcome).toEqual({ warnings: [] });
    expect(events.map(({ event }) => event)).toContain('bootloader.present');
    expect(disk.digest()).toBe(before);
  });

  it('is not looked for on another disk', async () => {
    const other = imageDisk();
    const disk = imageDisk();
    run('tune2fs', '-U', '99999999-2222-4333-8444-555555555555', '-L', 'other', disk.root);
    const { outcome } = await install(disk);
    expect(outcome).toMatchObject({ type: 'DeviceNotFound' });
    expect(outcome.error).toMatch(/no partition of \/dev\/loop\d+ has the UUID.*there are .*99999999/);
    expect(other.cat('/record.install')).toBe('');
  });

  it.each([[{ rootUuid: null }], [{ rootUuid: '0x00000000' }], [{ rootUuid: '0x11223344', mayRunImage: false }]])(
    'is nobody to install for a whole-disk image: %j',
    async (over) => {
      const disk = imageDisk();
      const before = disk.digest();
      expect((await install(disk, over)).outcome).toEqual({ warnings: [] });
      expect(disk.digest()).toBe(before);
    },
  );

  it('that cannot be installed is a warning where that is asked for', async () => {
    const disk = imageDisk({ files: { 'usr/sbin/grub-install': script('exit 9') } });
    const { outcome } = await install(disk, { ignoreFailure: true, targetBootMode: 'uefi' });
    expect(outcome.warnings).toEqual([
      'asked for boot mode uefi, running in bios',
      expect.stringMatching(/^ignored: no boot loader was installed .* exited 9/),
    ]);
  });
});
