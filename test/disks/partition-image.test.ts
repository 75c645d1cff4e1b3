import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MiB, type Node, type Progress } from '../../src/core/index.ts';
import { configDriveIso } from '../kit/config-drive-iso.ts';
import { contentBlock, isFilledWith, makeGptImage, sha256 } from '../kit/disk-image.ts';
import { type ImageServer, type Served, startImageServer } from '../kit/image-server.ts';
import { createLoopDisk, type LoopDisk, type LoopDiskOptions } from '../kit/loop-disk.ts';
import { deployPartitions, type PartitionOrder, run, tableOf, tagOf } from '../kit/partition-run.ts';
import { makeQcow2 } from '../kit/qcow2-maker.ts';

const DISK = 256 * MiB;
const ROOT_UUID = 'f7a4b6f2-29d5-4d38-9f3e-111122223333';
const marker = 'this is the root file system\n';

let server: ImageServer;
let dir: string;
let root: Buffer;
let iso: Buffer;
const disks: LoopDisk[] = [];

beforeAll(async () => {
  server = await startImageServer();
  dir = mkdtempSync('/tmp/partition-image-');
  mkdirSync(join(dir, 'tree'));
  writeFileSync(join(dir, 'tree/marker'), marker);
  writeFileSync(join(dir, 'tree/payload'), contentBlock(3, 5 * MiB));
  run('mke2fs', '-q', '-F', '-t', 'ext4', '-U', ROOT_UUID, '-d', join(dir, 'tree'), join(dir, 'root.raw'), '24M');
  root = readFileSync(join(dir, 'root.raw'));
  iso = configDriveIso({ 'openstack/latest/meta_data.json': '{"hostname": "node-7"}' });
});
afterEach(() => {
  for (const disk of disks.splice(0)) disk.close();
});
afterAll(async () => {
  await server.close();
  rmSync(dir, { recursive: true, force: true });
});

function newDisk(options: Partial<LoopDiskOptions> = {}): LoopDisk {
  const disk = createLoopDisk({ bytes: DISK, ...options });
  disks.push(disk);
  return disk;
}

const booting = (mode: 'bios' | 'uefi', label = 'msdos'): Node => ({
  instance_info: { deploy_boot_mode: mode, capabilities: { disk_label: label } },
});

interface Order extends Partial<Omit<PartitionOrder, 'info'>> {
  readonly info?: Readonly<Record<string, unknown>>;
  readonly served?: Partial<Served>;
}

function deploy(disk: LoopDisk, { info = {}, served = {}, ...order }: Order = {}) {
  const content = served.content ?? root;
  const url = server.serve('/root.img', { ...served, content });
  const digest = typeof content === 'string' ? '' : sha256(content);
  const known = { id: 'root.img', urls: [url], os_hash_algo: 'sha256', os_hash_value: digest, root_mb: 32 };
  return deployPartitions(disk, { node: booting('uefi'), ...order, info: { ...known, ...info } });
}

const places = (disk: LoopDisk) => {
  const per = MiB / disk.logicalSectorBytes;
  return tableOf(disk.path).partitions.map(
    ({ start, size, bootable }) => `${start / per}+${size / per}${bootable ? '*' : ''}`,
  );
};
const readFile = (device: string, path: string) => run('debugfs', '-R', `cat ${path}`, device);
const isUntouched = (disk: LoopDisk) => isFilledWith(disk.all(), 0xff);
const everything = { swap_mb: 8, ephemeral_mb: 40 };

/** Boot mode, label, wishes, config drive, partitions in MiB. */
const LAYOUTS = [
  ['uefi', 'gpt', {}, false, ['1+36', '37+32']],
  ['uefi', 'gpt', everything, true, ['1+36', '37+40', '77+8', '85+1', '86+32']],
  ['bios', 'gpt', {}, true, ['1+1', '2+1', '3+32']],
  ['bios', 'gpt', everything, false, ['1+1', '2+40', '42+8', '50+32']],
  ['bios', 'msdos', {}, false, ['1+32*']],
  ['bios', 'msdos', everything, true, ['1+40', '41+8', '49+1', '50+32*']],
] as const;

describe('a partition image on a disk full of old bytes', () => {
  it.each(LAYOUTS)('%s %s %j, config drive: %s', async (mode, label, wishes, driven, expected) => {
    const disk = newDisk();
    const report = await deploy(disk, { info: wishes, node: booting(mode, label), ...(driven ? { drive: iso } : {}) });
    expect(places(disk)).toEqual(expected);
    expect(run('sfdisk', '--verify', disk.path)).toContain('No errors detected');
    if (label === 'gpt') expect(run('sgdisk', '--verify', disk.path)).toContain('No problems found');
    const device = (at: number) => `${disk.path}p${at}`;
    const last = device(expected.length);
    const { partitions, ...uuids } = report.uuids;
    const esp = mode === 'uefi' ? tagOf(device(1), 'UUID') : null;
    expect(uuids).toEqual({ 'root uuid': ROOT_UUID, 'efi system partition uuid': esp });
    expect(partitions).toMatchObject({ root: last });
    expect(run('e2fsck', '-fn', last)).toContain('files');
    expect(readFile(last, '/marker')).toBe(marker);
    const start = tableOf(disk.path).partitions.at(-1)?.start ?? 0;
    expect(Buffer.compare(disk.read(start * 512, root.length), root)).toBe(0);
    const labels = expected.map((_, at) => `${tagOf(device(at + 1), 'TYPE')} ${tagOf(device(at + 1), 'LABEL')}`.trim());
    const boot = mode === 'uefi' ? ['vfat efi-part'] : label === 'gpt' ? [''] : [];
    const data = 'swap_mb' in wishes ? ['ext4 ephemeral0', 'swap swap1'] : [];
    expect(labels).toEqual([...boot, ...data, ...(driven ? ['iso9660 config-2'] : []), 'ext4']);
    expect(report.image).toMatchObject({ wireBytes: root.length, virtualSize: root.length, digest: sha256(root) });
  });

  it('from qcow2, with holes', async () => {
    const disk = newDisk();
    const content = makeQcow2(join(dir, 'root.raw'), join(dir, 'root.qcow2'), { compression: 'zstd' });
    const report = await deploy(disk, { served: { content }, info: { disk_format: 'qcow2' } });
    expect(report.image).toMatchObject({ format: 'qcow2', virtualSize: root.length });
    expect(Buffer.compare(disk.read(37 * MiB, root.length), root)).toBe(0);
    expect(report.rootUuid).toBe(ROOT_UUID);
  });

  it.each([
    ['vmdk', 'staged behind the file system', ['-O', 'vmdk', '-o', 'subformat=streamOptimized']],
    ['vhdx', 'staged in memory', ['-O', 'vhdx']],
  ])('from %s, %s', async (format, _, options) => {
    const disk = newDisk();
    const path = join(dir, `root.${format}`);
    run('qemu-img', 'convert', '-f', 'raw', ...options, join(dir, 'root.raw'), path);
    const order = { served: { content: readFileSync(path) }, settings: { permittedFormats: [format] } };
    const report = await deploy(disk, { ...order, info: { disk_format: format } });
    expect(report.image).toMatchObject({ format, virtualSize: root.length });
    expect(Buffer.compare(disk.read(37 * MiB, root.length), root)).toBe(0);
    expect(report.rootUuid).toBe(ROOT_UUID);
  });

  it('from gzip, where that is unpacked', async () => {
    const disk = newDisk();
    const order = { served: { content: gzipSync(root) }, settings: { unpack: 'always' } } as const;
    const report = await deploy(disk, { ...order, info: { disk_format: 'raw' } });
    expect(Buffer.compare(disk.read(37 * MiB, root.length), root)).toBe(0);
    expect(report.rootUuid).toBe(ROOT_UUID);
  });

  it('on sectors of 4096 bytes, where the config drive becomes a FAT', async () => {
    const disk = newDisk({ sectorBytes: 4096 });
    const report = await deploy(disk, { info: everything, drive: iso, settings: { espMib: 64 } });
    expect(places(disk)).toEqual(['1+64', '65+40', '105+8', '113+6', '119+32']);
    expect(tagOf(`${disk.path}p4`, 'LABEL')).toBe('CONFIG-2');
    expect(run('mtype', '-i', `${disk.path}p4`, '::openstack/latest/meta_data.json')).toContain('node-7');
    expect(report.rootUuid).toBe(ROOT_UUID);
    expect(run('sgdisk', '--verify', disk.path)).toContain('No problems found');
  });

  it('falls back to the identifier of the partition where no file system is recognised', async () => {
    const disk = newDisk();
    const report = await deploy(disk, { served: { content: contentBlock(1, 3 * MiB) } });
    expect(report.rootUuid).toBe(tagOf(`${disk.path}p2`, 'PART_ENTRY_UUID'));
    expect(report.rootUuid).toMatch(/^[0-9a-f]{8}-/);
    const dos = newDisk();
    const other = await deploy(dos, { served: { content: contentBlock(1, 3 * MiB) }, node: booting('bios') });
    expect(other.rootUuid).toBe(tagOf(`${dos.path}p1`, 'PART_ENTRY_UUID'));
    expect(other.rootUuid).toMatch(/^[0-9a-f]{8}-01$/);
  });

  it('leaves nothing of what stood at the places of the partitions', async () => {
    const disk = newDisk({ fill: 0 });
    for (const [at, make] of [
      [37, ['mkswap', '-L', 'old']],
      [77, ['mke2fs', '-q', '-F', '-L', 'old']],
      [118, ['mkfs.vfat', '-n', 'OLD']],
    ] as const) {
      writeFileSync(join(dir, 'old.img'), Buffer.alloc(8 * MiB));
      run(make[0], ...make.slice(1), join(dir, 'old.img'));
      run('dd', `if=${join(dir, 'old.img')}`, `of=${disk.path}`, 'bs=1M', `seek=${at}`, 'oflag=direct', 'status=none');
    }
    await deploy(disk, { info: { ...everything, root_mb: 40 }, drive: iso, served: { content: contentBlock(1, MiB) } });
    const parts = [1, 2, 3, 4, 5].map(
      (n) => `${tagOf(`${disk.path}p${n}`, 'TYPE')} ${tagOf(`${disk.path}p${n}`, 'LABEL')}`,
    );
    expect(parts).toEqual(['vfat efi-part', 'ext4 ephemeral0', 'swap swap1', 'iso9660 config-2', ' ']);
  });

  it('tells what it does', async () => {
    const told: Progress[] = [];
    await deploy(newDisk(), { info: everything, tell: (one) => told.push(one) });
    const phases = [...new Set(told.map(({ phase }) => phase))];
    expect(phases).toEqual(['prepare-disk', 'partitions', 'image.write']);
    expect(told.filter(({ phase }) => phase === 'partitions').at(-1)).toMatchObject({ done: 4, total: 4 });
    expect(told.at(-1)).toMatchObject({ phase: 'image.write', done: root.length });
  });
});

describe('a partition image that goes wrong', () => {
  it('shows no file system while its digest is wrong', async () => {
    const disk = newDisk();
    const failure = deploy(disk, { info: { os_hash_value: 'ab'.repeat(32) } });
    await expect(failure).rejects.toMatchObject({ type: 'ImageChecksumError' });
    expect(places(disk)).toEqual(['1+36', '37+32']);
    expect(isFilledWith(disk.read(37 * MiB, MiB), 0)).toBe(true);
    expect(tagOf(`${disk.path}p2`, 'TYPE')).toBe('');
  });

  it('stops when it is cancelled', async () => {
    const disk = newDisk();
    const stop = new AbortController();
    const tell = ({ phase }: Progress) => {
      if (phase === 'image.write') stop.abort(new Error('stopped by the operator'));
    };
    const served = { faults: [{ kind: 'stall', after: 22 * MiB }] } as const;
    const failure = deploy(disk, { tell, signal: stop.signal, served });
    setTimeout(() => stop.abort(new Error('stopped by the operator')), 5000);
    await expect(failure).rejects.toThrow('stopped by the operator');
    expect(isFilledWith(disk.read(37 * MiB, MiB), 0)).toBe(true);
  });

  it.each<readonly [string, Order, string, RegExp]>([
    [
      'an image larger than its root',
      { info: { root_mb: 20 } },
      'InvalidCommandParamsError',
      /needs 24 MiB.*gets 20 MiB/,
    ],
    [
      'partitions larger than the disk',
      { info: { root_mb: 220 } },
      'DeploymentError',
      /36 \(EFI system\) \+ 220 \(root\) = 257/,
    ],
    [
      'an unknown file system',
      { info: { ephemeral_mb: 8, ephemeral_format: 'zfs' } },
      'FileSystemNotSupported',
      /zfs is not supported/,
    ],
    ['a missing image', { info: { urls: ['http://127.0.0.1:1/nothing'] } }, 'ImageDownloadError', /ECONNREFUSED/],
    ['a rebuild of a blank disk', { info: { preserve_ephemeral: true } }, 'DeploymentError', /cannot be kept/],
  ])('refuses, with the disk untouched: %s', async (_what, order, type, details) => {
    const disk = newDisk();
    await expect(deploy(disk, order)).rejects.toMatchObject({ type, details: expect.stringMatching(details) });
    expect(isUntouched(disk)).toBe(true);
  });

  it('refuses a qcow2 that is larger inside than the root', async () => {
    const disk = newDisk();
    const content = makeQcow2(join(dir, 'root.raw'), join(dir, 'large.qcow2'), { compression: 'zlib' });
    const failure = deploy(disk, { served: { content }, info: { disk_format: 'qcow2', root_mb: 23 } });
    await expect(failure).rejects.toMatchObject({ type: 'InvalidCommandParamsError' });
    expect(isUntouched(disk)).toBe(true);
  });

  it('refuses the image of a whole disk', async () => {
    const disk = newDisk();
    makeGptImage(join(dir, 'whole.raw'), 24 * MiB, []);
    const failure = deploy(disk, { served: { content: readFileSync(join(dir, 'whole.raw')) } });
    await expect(failure).rejects.toMatchObject({ type: 'InvalidImage', details: expect.stringMatching(/whole disk/) });
    expect(isUntouched(disk)).toBe(true);
  });
});

describe('a rebuild that keeps the ephemeral partition', () => {
  const rebuild = { ...everything, preserve_ephemeral: true };
  const front = (disk: LoopDisk) => sha256(disk.read(0, MiB));

  it.each(['uefi', 'bios'] as const)('%s: leaves table and data, renews the rest', async (mode) => {
    const disk = newDisk();
    const node = booting(mode, 'gpt');
    const first = await deploy(disk, { info: everything, drive: iso, node });
    const [eph, swap] = [`${disk.path}p2`, `${disk.path}p3`];
    run('debugfs', '-w', '-R', `write ${join(dir, 'tree/marker')} kept`, eph);
    const before = { table: front(disk), eph: tagOf(eph, 'UUID'), swap: tagOf(swap, 'UUID'), esp: first.espUuid };
    const at = mode === 'uefi' ? 37 : 2;
    const data = sha256(disk.read(at * MiB, 40 * MiB));
    // The deployed system has changed its root.
    run('debugfs', '-w', '-R', 'rm /marker', `${disk.path}p5`);
    const again = await deploy(disk, { info: rebuild, drive: iso, node });
    expect(front(disk)).toBe(before.table);
    expect(sha256(disk.read(at * MiB, 40 * MiB))).toBe(data);
    expect(readFile(eph, '/kept')).toBe(marker);
    expect(readFile(`${disk.path}p5`, '/marker')).toBe(marker);
    expect(tagOf(swap, 'UUID')).not.toBe(before.swap);
    expect(again.espUuid === before.esp).toBe(mode === 'bios');
    expect(again.uuids).toMatchObject({ 'root uuid': ROOT_UUID });
    expect(tagOf(`${disk.path}p4`, 'LABEL')).toBe('config-2');
  });

  it('finds a table of the reference, whose root has grown since', async () => {
    const disk = newDisk();
    const size = (mib: number) => `size=${mib * 2048}`;
    const rows = [
      `${size(36)}, type=U, name=primary`,
      `${size(40)}, type=L, name=primary`,
      `${size(8)}, type=S, name=primary`,
      `${size(3)}, type=L, name=primary`,
      'size=+, type=L, name=primary',
    ];
    writeFileSync(join(dir, 'table'), `label: gpt\n${rows.join('\n')}\n`);
    run('sh', '-c', `sfdisk -q ${disk.path} < ${join(dir, 'table')}`);
    const report = await deploy(disk, { info: rebuild, drive: iso });
    expect(readFile(`${disk.path}p5`, '/marker')).toBe(marker);
    expect(report.uuids).toMatchObject({ partitions: { root: `${disk.path}p5`, swap: `${disk.path}p3` } });
    expect(isFilledWith(disk.read(37 * MiB, 40 * MiB), 0xff)).toBe(true);
  });

  it('frees what it overwrites and leaves what it keeps', async () => {
    const disk = newDisk();
    await deploy(disk, { info: everything });
    const [kept, old] = [mkdtempSync('/tmp/kept-'), mkdtempSync('/tmp/old-')];
    run('mount', `${disk.path}p2`, kept);
    run('mount', `${disk.path}p4`, old);
    try {
      await deploy(disk, { info: rebuild });
      const mounts = readFileSync('/proc/self/mounts', 'utf8');
      expect(mounts).toContain(` ${kept} `);
      expect(mounts).not.toContain(` ${old} `);
    } finally {
      run('umount', kept);
      for (const path of [kept, old]) rmSync(path, { recursive: true });
    }
  });

  it.each<readonly [string, Order, RegExp]>([
    ['another swap', { info: { ...rebuild, swap_mb: 12 } }, /partition 3 \(swap\) is at/],
    ['no swap', { info: { ...rebuild, swap_mb: 0 } }, /partition 4 .* is not expected/],
    [
      'a config drive that was not there',
      { info: rebuild, drive: Buffer.alloc(MiB) },
      /partition 5 \(root\) is missing/,
    ],
    ['a larger root', { info: { ...rebuild, root_mb: 60 } }, /\(root\) has .* 60 MiB are needed/],
    ['another kind of table', { info: rebuild, node: booting('bios') }, /kind gpt instead of msdos/],
  ])('refuses a layout with %s, before anything is written', async (_what, order, details) => {
    const disk = newDisk();
    await deploy(disk, { info: everything });
    const before = sha256(disk.all());
    await expect(deploy(disk, order)).rejects.toMatchObject({
      type: 'DeploymentError',
      details: expect.stringMatching(details),
    });
    expect(sha256(disk.all())).toBe(before);
  });
});
