import { describe, expect, it } from 'vitest';
import type { Log } from '../../../../src/core/index.ts';
import { releaseConfigMount, takeParameters } from '../../../../src/hardware/index.ts';
import { createFakeClock } from '../../../kit/fake-clock.ts';
import { type Entries, memoryFiles } from '../../../kit/memory-files.ts';
import { type RecordedCall, recordedTools } from '../../../kit/recorded-tools.ts';

const { signal } = new AbortController();
const settle: RecordedCall = { argv: ['udevadm', 'settle', '--timeout=30'] };
const list = (...rows: readonly object[]): RecordedCall => ({
  argv: ['lsblk', '-bpa', '--json', '-oKNAME,LABEL,FSTYPE'],
  out: JSON.stringify({ blockdevices: rows }),
});
const lineage = (device: string, text: string): RecordedCall => ({
  argv: ['lsblk', '-nspbP', '-oKNAME,TRAN,TYPE,SIZE', device],
  out: `KNAME="${device}" ${text}\n`,
});
const mountCall = (device: string, exit = 0): RecordedCall => ({
  argv: ['mount', '-t', 'vfat', '-o', 'ro,nodev,nosuid,noexec', '--', device, '/tmp/mount-0'],
  exit,
  err: 'input/output error',
});
const umountCall = (exit = 0, point = '/tmp/mount-0'): RecordedCall => ({
  argv: ['umount', '--recursive', '--', point],
  exit,
  err: 'target is busy',
});
const usb = 'TRAN="usb" TYPE="disk" SIZE="1474560"';
const floppy = { kname: '/dev/sdb', label: 'IR-VFD-DEV', fstype: 'vfat' };
const onFloppy = (text: string): Entries => ({ '/tmp/mount-0/parameters.txt': text });

function world(calls: readonly RecordedCall[], entries: Entries = {}) {
  const events: string[] = [];
  const note = (event: string) => void events.push(event);
  const log: Log = { debug: () => undefined, info: note, warn: note, error: note };
  const tools = recordedTools(calls);
  // Removing the folder of a mount point must not remove what is on the medium.
  const removed: string[] = [];
  const files = { ...memoryFiles(entries), removeEmptyDir: async (path: string) => void removed.push(path) };
  return { tools, files, removed, clock: createFakeClock({ auto: true }), log, events };
}

describe('the parameters of a virtual floppy', () => {
  const take = (ports: ReturnType<typeof world>, waitMs = 0) => takeParameters(ports, waitMs, signal);

  it('are read from the device with the label in any case, which is mounted read-only and unmounted', async () => {
    const calls = [settle, list(floppy), lineage('/dev/sdb', usb), mountCall('/dev/sdb'), umountCall()];
    const ports = world(calls, onFloppy('ipa-api-url=http://a'));
    expect(await take(ports)).toEqual({ device: '/dev/sdb', text: 'ipa-api-url=http://a', problem: null });
    expect(ports.tools.unused()).toEqual([]);
    expect(ports.removed).toEqual(['/tmp/mount-0']);
  });

  it('are not looked for on a local disk with that label', async () => {
    const calls = [settle, list(floppy), lineage('/dev/sdb', 'TRAN="sata" TYPE="disk" SIZE="1474560"')];
    const ports = world(calls, onFloppy('ipa-api-url=http://evil'));
    expect(await take(ports)).toBeNull();
    expect(ports.events).toEqual(['media.refused']);
  });

  it('are read beside such a disk, which is named in the log', async () => {
    const local = { ...floppy, kname: '/dev/sda' };
    const sata = lineage('/dev/sda', 'TRAN="sata" TYPE="disk" SIZE="1474560"');
    const calls = [settle, list(local, floppy), sata, lineage('/dev/sdb', usb), mountCall('/dev/sdb'), umountCall()];
    const ports = world(calls, onFloppy('a=1'));
    expect(await take(ports)).toMatchObject({ device: '/dev/sdb', text: 'a=1' });
    expect(ports.events).toEqual(['media.refused']);
  });

  it('are not taken when lsblk fails', async () => {
    const broken = world([settle, { argv: list().argv, exit: 1 }]);
    expect(await take(broken)).toBeNull();
    const calls = [settle, list(floppy), { argv: lineage('/dev/sdb', '').argv, exit: 32 }];
    expect(await take(world(calls, onFloppy('a=1')))).toBeNull();
  });

  it('are found by the model of the device when nothing has the label', async () => {
    const row = { kname: '/dev/sdc', label: 'WHATEVER', fstype: 'vfat' };
    const calls = [settle, list(row), lineage('/dev/sdc', usb), mountCall('/dev/sdc'), umountCall()];
    const model = { '/sys/class/block/sdc/device/model': 'AMI Virtual Media\n' };
    expect(await take(world(calls, { ...model, ...onFloppy('a=1') }))).toMatchObject({
      device: '/dev/sdc',
      text: 'a=1',
    });
  });

  it('do not make an empty drive of that model, or one with something else in it, a problem', async () => {
    const model = { '/sys/class/block/sdc/device/model': 'AMI Virtual Media\n' };
    expect(await take(world([settle, list({ kname: '/dev/sdc', label: null, fstype: null })], model))).toBeNull();
    const row = { kname: '/dev/sdc', label: 'OTHER', fstype: 'vfat' };
    const calls = [settle, list(row), lineage('/dev/sdc', usb), mountCall('/dev/sdc'), umountCall()];
    const other = world(calls, { ...model, '/tmp/mount-0/readme': '' });
    expect(await take(other)).toEqual({ device: '/dev/sdc', text: null, problem: null });
  });

  it('are a problem with the name of the device when the labelled floppy has none', async () => {
    const calls = [settle, list(floppy), lineage('/dev/sdb', usb), mountCall('/dev/sdb'), umountCall()];
    const ports = world(calls, { '/tmp/mount-0/readme.txt': '' });
    const problem = 'the virtual floppy /dev/sdb has no parameters.txt';
    expect(await take(ports)).toEqual({ device: '/dev/sdb', text: null, problem });
  });

  it('are waited for: a BMC is slow', async () => {
    const none = [settle, list()];
    const calls = [
      ...none,
      ...none,
      settle,
      list(floppy),
      lineage('/dev/sdb', usb),
      mountCall('/dev/sdb'),
      umountCall(),
    ];
    const ports = world(calls, onFloppy('a=1'));
    expect(await take(ports, 60_000)).toMatchObject({ text: 'a=1' });
    expect(ports.events).toEqual(['media.wait']);
  });

  it('are given up after the time', async () => {
    const ports = world(Array.from({ length: 10 }, () => [settle, list()]).flat());
    expect(await take(ports, 3_000)).toBeNull();
    expect(ports.clock.elapsed()).toBe(3_000);
  });

  it('are tried three times on a BMC that drops requests', async () => {
    const calls = [settle, list(floppy), lineage('/dev/sdb', usb)];
    const twice = world(
      [...calls, mountCall('/dev/sdb', 32), mountCall('/dev/sdb', 32), mountCall('/dev/sdb'), umountCall()],
      onFloppy('a=1'),
    );
    expect(await take(twice)).toMatchObject({ text: 'a=1' });
    const dead = world([...calls, ...Array.from({ length: 3 }, () => mountCall('/dev/sdb', 32))]);
    expect(await take(dead)).toMatchObject({
      text: null,
      problem: expect.stringMatching(/^\/dev\/sdb cannot be read: mount .*input\/output error/),
    });
  });

  it('count although the unmount fails three times; the folder then stays', async () => {
    const calls = [settle, list(floppy), lineage('/dev/sdb', usb), mountCall('/dev/sdb')];
    const ports = world([...calls, umountCall(32), umountCall(32), umountCall(32)], onFloppy('a=1'));
    expect(await take(ports)).toMatchObject({ text: 'a=1' });
    expect(ports.events.filter((event) => event === 'mount.busy')).toHaveLength(3);
    expect(ports.removed).toEqual([]);
  });

  it('are read where the device is mounted already, which it stays', async () => {
    const ports = world([settle, list(floppy), lineage('/dev/sdb', usb)], {
      '/sys/class/block/sdb/dev': '8:16\n',
      '/proc/self/mountinfo': '50 1 8:16 / /mnt/my\\040floppy ro - vfat /dev/sdb ro\n',
      '/mnt/my floppy/parameters.txt': 'a=1',
    });
    expect(await take(ports)).toMatchObject({ text: 'a=1' });
  });
});

describe('a left-over config drive mount', () => {
  const mounted = { '/proc/self/mountinfo': '50 1 8:4 / /mnt/config ro - iso9660 /dev/sda4 ro\n' };

  it('is left alone when there is none', async () => {
    const ports = world([], { '/proc/self/mountinfo': '50 1 8:4 / /mnt ro - ext4 /dev/sda4 ro\n' });
    await releaseConfigMount(ports, signal);
    expect(ports.tools.asked).toEqual([]);
  });

  it('is unmounted as often as it takes, and not for ever', async () => {
    const busy = umountCall(32, '/mnt/config');
    const ports = world(
      Array.from({ length: 10 }, () => busy),
      mounted,
    );
    await releaseConfigMount(ports, signal);
    expect(ports.tools.unused()).toEqual([]);
    expect(ports.events.at(-1)).toBe('media.config.kept');
  });
});
