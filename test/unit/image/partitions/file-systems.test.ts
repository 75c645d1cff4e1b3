import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../../src/core/index.ts';
import { makeFileSystem, requireFileSystem } from '../../../../src/image/partitions/file-systems.ts';
import { createFakeClock } from '../../../kit/fake-clock.ts';
import { memoryFiles } from '../../../kit/memory-files.ts';
import { type RecordedCall, recordedTools } from '../../../kit/recorded-tools.ts';

const { signal } = new AbortController();
const portsWith = (...calls: readonly RecordedCall[]) => ({
  ...{ tools: recordedTools(calls), files: memoryFiles({}), clock: createFakeClock(), log: silentLog },
});
const place = { device: '/dev/sda2', label: 'ephemeral0' };

describe('file systems of the ephemeral partition', () => {
  it.each([
    ['ext2', 'mke2fs -q -F -t ext2 -L ephemeral0 /dev/sda2'],
    ['ext3', 'mke2fs -q -F -t ext3 -L ephemeral0 /dev/sda2'],
    ['ext4', 'mke2fs -q -F -t ext4 -L ephemeral0 /dev/sda2'],
    ['vfat', 'mkfs.vfat -n ephemeral0 /dev/sda2'],
    ['msdos', 'mkfs.vfat -n ephemeral0 /dev/sda2'],
    ['xfs', 'mkfs.xfs -f -L ephemeral0 /dev/sda2'],
    ['btrfs', 'mkfs.btrfs -f -L ephemeral0 /dev/sda2'],
  ])('%s: %s', async (type, command) => {
    const ports = portsWith({ argv: command.split(' ') });
    await makeFileSystem(ports, type, place, signal);
    expect(ports.tools.asked).toEqual([command]);
  });

  it.each(['xfs', 'btrfs'])('%s is asked for before anything is destroyed', async (type) => {
    const there = portsWith({ argv: [`mkfs.${type}`, '-V'] });
    await requireFileSystem(there, type, signal);
    const missing = requireFileSystem(portsWith(), type, signal);
    await expect(missing).rejects.toMatchObject({
      type: 'FileSystemNotSupported',
      details: expect.stringContaining(`cannot make the file system ${type}`),
    });
  });

  it('one that nobody knows is refused', async () => {
    await expect(requireFileSystem(portsWith(), 'zfs', signal)).rejects.toMatchObject({
      type: 'FileSystemNotSupported',
      details: expect.stringContaining('ext2, ext3, ext4, vfat'),
    });
  });
});
