import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../../src/core/index.ts';
import { chooseCandidate, targetOf } from '../../../../src/image/inject/choose.ts';
import { idOf } from '../../../../src/image/inject/owner.ts';
import { readPartition } from '../../../../src/image/inject/partition.ts';
import { planBatches } from '../../../../src/image/inject/plan.ts';
import { type Candidate, surveyRootDisk } from '../../../../src/image/inject/survey.ts';
import { createFakeClock } from '../../../kit/fake-clock.ts';
import { type Entries, memoryFiles } from '../../../kit/memory-files.ts';
import { recordedTools } from '../../../kit/recorded-tools.ts';

const { signal } = new AbortController();
const none = { type: null, uuid: null, label: null, partUuid: null, partLabel: null };
const partition = (number: number, facts: Partial<Candidate> = {}): Candidate => ({
  ...none,
  device: `/dev/sda${number}`,
  number,
  type: 'ext4',
  ...facts,
});

const CONTENTS: Readonly<Record<string, string>> = {
  '/dev/sda': 'PTTYPE=gpt',
  '/dev/sda1': 'TYPE=vfat\nLABEL=EFI\\ X\nUUID=1234-ABCD\nPART_ENTRY_UUID=p1\nPART_ENTRY_NAME=esp',
  '/dev/sda2': 'TYPE=linux_raid_member\nUUID=raid\nPART_ENTRY_UUID=p2',
  '/dev/sda3': 'TYPE=LVM2_member\nPART_ENTRY_UUID=p3\nPART_ENTRY_NAME=pv',
  '/dev/md127': 'TYPE=ext4\nLABEL=root',
  '/dev/md0': 'PTTYPE=gpt',
  '/dev/md0p1': 'TYPE=ext4\nPART_ENTRY_UUID=m1',
  '/dev/dm-0': 'TYPE=xfs\nLABEL=var',
  '/dev/dm-1': 'TYPE=swap',
  '/dev/dm-5': '',
  '/dev/dm-6': 'TYPE=ext4\nPART_ENTRY_UUID=x1',
};

async function survey(disk: string, sysfs: Entries) {
  const calls = Object.entries(CONTENTS).map(([device, out]) => ({
    argv: ['blkid', '--probe', '-o', 'export', device],
    out,
    exit: out === '' ? 2 : 0,
  }));
  const tools = recordedTools([...calls, ...calls]);
  const ports = { tools, files: memoryFiles(sysfs), clock: createFakeClock(), log: silentLog };
  const found = await surveyRootDisk(ports, disk, signal);
  return found.map(({ device, number, type, label, partUuid, partLabel }) =>
    [device, number, type, label, partUuid, partLabel].join(' '),
  );
}
const part = (disk: string, name: string, number: number, start: number): Entries => ({
  [`/sys/class/block/${disk}/${name}/partition`]: String(number),
  [`/sys/class/block/${name}/partition`]: String(number),
  [`/sys/class/block/${name}/start`]: String(start),
});
const holder = (below: string, above: string): Entries => ({ [`/sys/class/block/${below}/holders/${above}`]: '' });

describe('the places for files on the root disk', () => {
  it('are its partitions in the order of the disk, and what stands on them', async () => {
    const sysfs = {
      ...part('sda', 'sda1', 1, 2048),
      ...part('sda', 'sda2', 2, 90_000),
      ...part('sda', 'sda3', 3, 50_000),
      ...holder('sda2', 'md127'),
      '/sys/class/block/md127/md': { kind: 'dir' as const },
      ...holder('sda3', 'dm-0'),
      ...holder('sda3', 'dm-1'),
      '/sys/class/block/dm-0/dm/uuid': 'LVM-a',
      '/sys/class/block/dm-1/dm/uuid': 'LVM-b',
    };
    expect(await survey('/dev/sda', sysfs)).toEqual([
      '/dev/sda1 1 vfat EFI X p1 esp',
      '/dev/dm-0 3 xfs var p3 pv',
      '/dev/dm-1 3 swap  p3 pv',
      '/dev/md127 2 ext4 root p2 ',
    ]);
  });

  it('are the partitions of an array, which have names of their own', async () => {
    const sysfs = { '/sys/class/block/md0/md': { kind: 'dir' as const }, ...part('md0', 'md0p1', 1, 2048) };
    expect(await survey('/dev/md0', sysfs)).toEqual(['/dev/md0p1 1 ext4  m1 ']);
  });

  it('are those of a multipath map, which are maps themselves', async () => {
    const sysfs = {
      '/sys/class/block/dm-5/dm/uuid': 'mpath-3600',
      ...holder('dm-5', 'dm-6'),
      '/sys/class/block/dm-6/dm/uuid': 'part1-mpath-3600',
    };
    expect(await survey('/dev/dm-5', sysfs)).toEqual(['/dev/dm-6 1 ext4  x1 ']);
  });

  it('are the disk itself when it has no partitions', async () => {
    expect(await survey('/dev/md127', { '/sys/class/block/md127/md': { kind: 'dir' } })).toEqual([
      '/dev/md127  ext4 root  ',
    ]);
  });
});

describe('the partition that an entry names', () => {
  const candidates = [
    partition(1, { uuid: '1234-ABCD', label: 'EFI', type: 'vfat' }),
    partition(2, { partUuid: 'aaaa-01', partLabel: 'root', label: 'twice' }),
    partition(3, { label: 'twice', type: 'swap' }),
  ];
  const choose = (raw: unknown) => {
    const ref = readPartition(raw);
    if (ref === null) return 'no partition';
    try {
      return chooseCandidate(ref, '/dev/sda', candidates).device;
    } catch (error) {
      return String(error);
    }
  };
  it.each<readonly [unknown, string]>([
    [2, '/dev/sda2'],
    ['UUID=1234-abcd', '/dev/sda1'],
    ['1234-abcd', '/dev/sda1'],
    ['PARTUUID=AAAA-01', '/dev/sda2'],
    ['PARTLABEL=root', '/dev/sda2'],
    ['root', '/dev/sda2'],
    ['EFI', '/dev/sda1'],
  ])('%j is %s', (raw, device) => {
    expect(choose(raw)).toBe(device);
  });
  it.each<readonly [unknown, string]>([
    [4, '/dev/sda has no partition 4: /dev/sda1 (vfat EFI), /dev/sda2 (ext4 twice), /dev/sda3 (swap twice)'],
    ['LABEL=efi', '/dev/sda has no partition LABEL=efi'],
    ['UUID=aaaa-01', '/dev/sda has no partition UUID=aaaa-01'],
    ['twice', 'partition twice of /dev/sda may be /dev/sda2 (ext4 twice), /dev/sda3 (swap twice)'],
  ])('%j is none, or not one', (raw, why) => {
    expect(choose(raw)).toContain(why);
  });

  it.each(['swap', 'LVM2_member', 'crypto_LUKS', 'iso9660', 'ntfs', 'zfs_member', 'linux_raid_member', null])(
    'with %s is not mounted',
    (type) => {
      expect(() => targetOf({ device: '/dev/sda1', type })).toThrow(
        /\/dev\/sda1 has .*, not one of ext2, ext3, ext4, xfs/,
      );
    },
  );
});

describe('which file goes where', () => {
  const target = (number: number) => ({ device: `/dev/sda${number}`, type: 'ext4' });
  const folders = new Map([
    ['/dev/sda1', new Set(['boot'])],
    ['/dev/sda2', new Set(['etc', 'boot'])],
  ]);
  const deleted = (path: string, to: number | null = null) => ({
    kind: 'delete' as const,
    path,
    partition: to === null ? { by: 'folder' as const } : { by: 'number' as const, number: to },
  });
  const written = (path: string, to: number | null = null) => ({
    ...deleted(path, to),
    kind: 'write' as const,
    content: { base64: '' },
    ...{ mode: null, folderMode: null, owner: null, group: null },
  });
  const plan = (...files: readonly (ReturnType<typeof deleted> | ReturnType<typeof written>)[]) =>
    planBatches(files, {
      named: ({ partition: ref }) => (ref.by === 'number' ? target(ref.number) : null),
      targets: [target(1), target(2), target(3)],
      folders,
      looked: 'all',
    }).map((batch) => `${batch.target.device}: ${batch.files.map(({ path }) => path).join(' ')}`);

  it('is the first partition with the folder; those that follow each other share a mount', () => {
    expect(plan(written('/etc/a'), deleted('/etc/b'), written('/boot/c'), written('/etc/d'))).toEqual([
      '/dev/sda2: /etc/a /etc/b',
      '/dev/sda1: /boot/c',
      '/dev/sda2: /etc/d',
    ]);
  });

  it('is the partition that is named, whatever folders it has', () => {
    expect(plan(written('/x', 3), written('/etc/a', 1))).toEqual(['/dev/sda3: /x', '/dev/sda1: /etc/a']);
  });

  it('may be where an earlier file makes the folder', () => {
    expect(plan(written('/srv/a', 3), written('/srv/b'), written('/boot/c', 1), written('/boot/d'))).toEqual([
      '/dev/sda3: /srv/a /srv/b',
      '/dev/sda1: /boot/c /boot/d',
    ]);
  });

  it.each([
    ['is in the root', [written('/srv', 3), written('/srv/b')]],
    ['is deleted', [deleted('/srv/a', 3), written('/srv/b')]],
    ['comes later', [written('/srv/b'), written('/srv/a', 3)]],
  ])('is nowhere when the other file %s', (_how, files) => {
    expect(() => plan(...files)).toThrow('no partition has the folder /srv for /srv/b; looked at: all');
  });
});

describe('a user or group of the deployed system', () => {
  const passwd =
    'root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000::/home/alice:/bin/sh\nodd\nbad:x:-1:0\n\nbig:x:99999999999:';
  it.each([
    ['root', 0],
    ['alice', 1000],
    ['odd', null],
    ['bad', null],
    ['big', null],
    ['none', null],
    ['', null],
  ])('%s is %s', (name, id) => {
    expect(idOf(passwd, name)).toBe(id);
  });
});
