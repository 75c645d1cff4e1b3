import { defineTool } from '../tool.ts';

/** Large and slow disks take their time; the tables of ext4 are written later, by the deployed system. */
const MKFS_MS = 30 * 60_000;

export interface NewFileSystem {
  readonly device: string;
  readonly label: string;
}

/** ext2, ext3 or ext4; `-F` because the whole device is meant. */
export const mkfsExt = defineTool({
  bin: 'mke2fs',
  packages: { debian: 'e2fsprogs', redhat: 'e2fsprogs' },
  effect: 'destroys',
  timeoutMs: MKFS_MS,
  argv: (i: NewFileSystem & { readonly type: string }) => ['-q', '-F', '-t', i.type, '-L', i.label, i.device],
  parse: () => undefined,
});

export const mkfsVfat = defineTool({
  bin: 'mkfs.vfat',
  packages: { debian: 'dosfstools', redhat: 'dosfstools' },
  effect: 'destroys',
  timeoutMs: 120_000,
  argv: (i: NewFileSystem) => ['-n', i.label, i.device],
  parse: () => undefined,
});

const xfs = { bin: 'mkfs.xfs', packages: { debian: 'xfsprogs', redhat: 'xfsprogs' }, shipped: false } as const;
const btrfs = {
  bin: 'mkfs.btrfs',
  packages: { debian: 'btrfs-progs', redhat: 'btrfs-progs' },
  shipped: false,
} as const;
const asks = { effect: 'reads', timeoutMs: 30_000, argv: () => ['-V'], parse: () => undefined } as const;
const makes = {
  effect: 'destroys',
  timeoutMs: MKFS_MS,
  argv: (i: NewFileSystem) => ['-f', '-L', i.label, i.device],
  parse: () => undefined,
} as const;

export const mkfsXfs = defineTool({ ...xfs, ...makes });
export const mkfsBtrfs = defineTool({ ...btrfs, ...makes });
/** Whether the ramdisk has them: they are not part of ours. */
export const mkfsXfsVersion = defineTool({ ...xfs, ...asks });
export const mkfsBtrfsVersion = defineTool({ ...btrfs, ...asks });
