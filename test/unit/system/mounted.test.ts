import { describe, expect, it } from 'vitest';
import type { Log } from '../../../src/core/index.ts';
import { type MountRequest, withMounted } from '../../../src/system/index.ts';
import { createFakeClock } from '../../kit/fake-clock.ts';
import { memoryFiles } from '../../kit/memory-files.ts';
import { type RecordedCall, recordedTools } from '../../kit/recorded-tools.ts';

const { signal } = new AbortController();
const root: MountRequest = { device: '/dev/sda2', type: 'ext4', access: 'write' };
const mountCall = (options = 'rw,nodev,nosuid,noexec', exit = 0): RecordedCall => ({
  argv: ['mount', '-t', 'ext4', '-o', options, '--', '/dev/sda2', '/tmp/mount-0'],
  exit,
});
const umountCall = (exit = 0): RecordedCall => ({ argv: ['umount', '--recursive', '--', '/tmp/mount-0'], exit });
const busy = [umountCall(32), umountCall(32), umountCall(32)];

function world(calls: readonly RecordedCall[], mounted = false) {
  const events: string[] = [];
  const note = (event: string) => void events.push(event);
  const log: Log = { debug: () => undefined, info: note, warn: note, error: note };
  const removed: string[] = [];
  let full = mounted;
  const tools = recordedTools(calls);
  const unmounting: typeof tools = {
    ...tools,
    run: async (tool, input, abort) => {
      const done = await tools.run(tool, input, abort);
      if (tool.bin === 'umount') full = false;
      return done;
    },
  };
  const files = {
    ...memoryFiles(mounted ? { '/proc/self/mountinfo': '50 1 8:2 / /tmp/mount-0 rw - ext4 /dev/sda2 rw\n' } : {}),
    removeEmptyDir: async (path: string) => {
      if (full) throw new Error('EBUSY');
      removed.push(path);
    },
  };
  return { tools: unmounting, files, removed, clock: createFakeClock({ auto: true }), log, events, left: tools.unused };
}

const run = (ports: ReturnType<typeof world>, request = root, work = async (at: string) => at) =>
  withMounted(ports, request, work, signal);

describe('a mount for the time of some work', () => {
  it.each([
    ['read', 'ro,nodev,nosuid,noexec'],
    ['write', 'rw,nodev,nosuid,noexec'],
    ['chroot', 'rw'],
  ] as const)('to %s has the options %s, and the folder goes', async (access, options) => {
    const ports = world([mountCall(options), umountCall()]);
    expect(await run(ports, { ...root, access })).toBe('/tmp/mount-0');
    expect(ports.left()).toEqual([]);
    expect(ports.removed).toEqual(['/tmp/mount-0']);
  });

  it('uses and keeps the folder that it is given', async () => {
    const argv = ['mount', '-t', 'vfat', '-o', 'rw,nodev,nosuid,noexec', '--', '/dev/sda1', '/tmp/x/boot/efi'];
    const ports = world([{ argv }, { argv: ['umount', '--recursive', '--', '/tmp/x/boot/efi'] }]);
    const esp = { device: '/dev/sda1', type: 'vfat', access: 'write', at: '/tmp/x/boot/efi' } as const;
    expect(await run(ports, esp)).toBe('/tmp/x/boot/efi');
    expect(ports.removed).toEqual([]);
  });

  it('is undone when the work fails, with the error of the work', async () => {
    const ports = world([mountCall(), ...busy]);
    const failing = () => Promise.reject(new Error('no space'));
    await expect(run(ports, root, failing)).rejects.toThrow('no space');
    expect(ports.left()).toEqual([]);
    expect(ports.events).toEqual(['mount.busy', 'mount.busy', 'mount.busy']);
  });

  it('that stays busy is an error where something was written, and the folder stays', async () => {
    const ports = world([mountCall(), ...busy]);
    await expect(run(ports)).rejects.toThrow('umount --recursive -- /tmp/mount-0 exited 32');
    expect(ports.removed).toEqual([]);
    expect(ports.clock.elapsed()).toBe(2_000);
  });

  it('that stays busy is a line in the log where it was only read', async () => {
    const ports = world([mountCall('ro,nodev,nosuid,noexec'), ...busy]);
    expect(await run(ports, { ...root, access: 'read' })).toBe('/tmp/mount-0');
    expect(ports.removed).toEqual([]);
  });

  it('that fails leaves no folder', async () => {
    const ports = world([mountCall(undefined, 32)]);
    await expect(run(ports)).rejects.toThrow('exited 32');
    expect(ports.removed).toEqual(['/tmp/mount-0']);
  });

  it('that came about although its program was ended is undone', async () => {
    const ports = world([mountCall(undefined, 32), umountCall()], true);
    await expect(run(ports)).rejects.toThrow('exited 32');
    expect(ports.left()).toEqual([]);
    expect(ports.removed).toEqual(['/tmp/mount-0']);
  });
});
