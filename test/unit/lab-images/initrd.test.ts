import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { cpioArchive } from '../../../lab/images/cpio.ts';
import { moduleClosure } from '../../../lab/images/initrd.ts';

describe('initramfs archive', () => {
  it('is what cpio reads, with the folders that its files need', () => {
    const archive = cpioArchive([
      { kind: 'file', path: 'bin/busybox', data: Buffer.from('elf'), executable: true },
      { kind: 'link', path: 'bin/sh', target: 'busybox' },
      { kind: 'char', path: 'dev/console', major: 5, minor: 1 },
      { kind: 'file', path: 'etc/name', data: Buffer.from('x') },
    ]);
    const listing = execFileSync('cpio', ['-tv', '--numeric-uid-gid', '--quiet'], { input: archive, encoding: 'utf8' });
    const rows = listing
      .trim()
      .split('\n')
      .map((line) => line.replace(/\s+/g, ' '));
    expect(rows.map((row) => [row.slice(0, 10), row.split(' 1970 ')[1]])).toEqual([
      ['drwxr-xr-x', 'bin'],
      ['drwxr-xr-x', 'dev'],
      ['drwxr-xr-x', 'etc'],
      ['-rwxr-xr-x', 'bin/busybox'],
      ['lrwxrwxrwx', 'bin/sh -> busybox'],
      ['crw-------', 'dev/console'],
      ['-rw-r--r--', 'etc/name'],
    ]);
    expect(archive.length % 512).toBe(0);
  });
});

describe('kernel modules', () => {
  it('come with all they depend on', () => {
    const dep = [
      'kernel/fs/ext4/ext4.ko: kernel/fs/jbd2/jbd2.ko kernel/lib/crc16.ko',
      'kernel/drivers/nvme/host/nvme.ko.xz: kernel/drivers/nvme/host/nvme-core.ko.xz',
      'kernel/drivers/virtio/virtio_pci.ko:',
      'kernel/sound/snd.ko:',
      'kernel/drivers/usb/storage/usb-storage.ko:',
    ].join('\n');
    expect(moduleClosure(dep, ['ext4', 'nvme', 'virtio_pci', 'usb_storage', 'built_in'])).toEqual([
      'kernel/drivers/nvme/host/nvme-core.ko.xz',
      'kernel/drivers/nvme/host/nvme.ko.xz',
      'kernel/drivers/usb/storage/usb-storage.ko',
      'kernel/drivers/virtio/virtio_pci.ko',
      'kernel/fs/ext4/ext4.ko',
      'kernel/fs/jbd2/jbd2.ko',
      'kernel/lib/crc16.ko',
    ]);
  });
});
