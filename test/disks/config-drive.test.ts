import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { tellNobody } from '../../src/core/index.ts';
import { loadConfigDrive, placeConfigDrive } from '../../src/image/index.ts';
import { configDriveFat } from '../kit/config-drive-fat.ts';
import { configDriveIso } from '../kit/config-drive-iso.ts';
import { realImagePorts, testSettings } from '../kit/image-ports.ts';
import { createLoopDisk, type LoopDisk } from '../kit/loop-disk.ts';

const MIB = 1024 * 1024;
const run = (bin: string, args: readonly string[], input?: string) =>
  execFileSync(bin, args, {
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(input === undefined ? {} : { input }),
  });
const ports = realImagePorts();
const { signal } = new AbortController();
const meta = '{"uuid":"11111111-2222-3333-4444-555555555555","hostname":"node-7"}';

let iso: Buffer;
let text = '';
const disks: LoopDisk[] = [];

beforeAll(() => {
  iso = configDriveIso({ 'openstack/latest/meta_data.json': meta });
  text = gzipSync(iso).toString('base64');
});
afterEach(() => {
  for (const disk of disks.splice(0)) disk.close();
});

function diskOf(bytes: number, sectorBytes: 512 | 4096 = 512): LoopDisk {
  const disk = createLoopDisk({ bytes, sectorBytes, fill: 0 });
  disks.push(disk);
  return disk;
}
const known = (disk: LoopDisk) => void run('partx', ['--update', disk.path]);
const gpt = (disk: LoopDisk, ...args: string[]) => {
  run('sgdisk', ['-n', '1:1M:+20M', ...args, disk.path]);
  known(disk);
};
const place = async (disk: LoopDisk, source = text, rules = testSettings) => {
  const content = await loadConfigDrive(ports, source, testSettings, signal);
  return placeConfigDrive(ports, disk, { content, rules }, tellNobody, signal);
};
const labelOf = (device: string) => run('blkid', ['-p', '-s', 'LABEL', '-o', 'value', device]).trim();

/** Content of meta_data.json, read by tools that share nothing with the agent. */
function readBack(device: string): string {
  const kind = run('blkid', ['-p', '-s', 'TYPE', '-o', 'value', device]).trim();
  const path = '/openstack/latest/meta_data.json';
  return kind === 'vfat' ? run('mtype', ['-i', device, `::${path}`]) : run('isoinfo', ['-i', device, '-R', '-x', path]);
}

describe('the config drive of a whole-disk image', () => {
  it('becomes a FAT when the operator wants it so', async () => {
    const disk = diskOf(256 * MIB);
    gpt(disk);
    const report = await place(disk, text, { ...testSettings, configDriveAsFat: true });
    expect(run('blkid', ['-p', '-s', 'TYPE', '-o', 'value', report.device]).trim()).toBe('vfat');
    expect(labelOf(report.device)).toBe('CONFIG-2');
    expect(readBack(report.device)).toBe(meta);
  });

  it('gets a partition at the end of a GPT disk and leaves the others alone', async () => {
    const disk = diskOf(256 * MIB);
    gpt(disk);
    run('dd', ['if=/dev/urandom', `of=${disk.path}p1`, 'bs=1M', 'count=20', 'status=none', 'oflag=direct']);
    const before = disk.read(MIB, 20 * MIB);
    const report = await place(disk);
    expect(report).toEqual({ device: `${disk.path}p2`, bytes: iso.length, kind: 'iso9660', reused: false });
    expect(readBack(report.device)).toBe(meta);
    expect(labelOf(`${disk.path}p2`)).toBe('config-2');
    expect(disk.read(MIB, 20 * MIB).equals(before)).toBe(true);
    expect(run('sgdisk', ['-v', disk.path])).toContain('No problems found');
  });

  it('gets a primary partition at the end of a DOS disk', async () => {
    const disk = diskOf(256 * MIB);
    run('sfdisk', ['-q', disk.path], 'label: dos\nstart=2048, size=40960, type=83\n');
    known(disk);
    const report = await place(disk);
    expect(readBack(report.device)).toBe(meta);
    expect(run('sfdisk', ['-d', disk.path])).toMatch(
      new RegExp(`${disk.path}p2 : start=\\s*393216, size=\\s*131072, type=c`),
    );
  });

  it('goes into the partition that the image has for it', async () => {
    const disk = diskOf(256 * MIB);
    gpt(disk, '-n', '2:0:+32M');
    run('mkfs.vfat', ['-n', 'CONFIG-2', `${disk.path}p2`]);
    const report = await place(disk);
    expect(report).toMatchObject({ device: `${disk.path}p2`, reused: true });
    expect(readBack(report.device)).toBe(meta);
  });

  it('becomes a FAT with the same files on a disk with 4 KiB sectors', async () => {
    const disk = diskOf(256 * MIB, 4096);
    gpt(disk);
    const report = await place(disk);
    expect(readBack(report.device)).toBe(meta);
    expect(labelOf(`${disk.path}p2`)).toBe('CONFIG-2');
  });

  it('is written as it is when it is a FAT, and anew on a disk whose sectors are larger than those of the FAT', async () => {
    const drive = configDriveFat({ 'openstack/latest/meta_data.json': meta });
    const source = gzipSync(drive).toString('base64');
    const [plain, large] = [diskOf(256 * MIB), diskOf(256 * MIB, 4096)];
    for (const disk of [plain, large]) gpt(disk);
    const report = await place(plain, source);
    expect(report.kind).toBe('fat');
    expect(plain.read(191 * MIB, drive.length).equals(drive)).toBe(true);
    await place(large, source);
    expect(readBack(`${large.path}p2`)).toBe(meta);
    expect(labelOf(`${large.path}p2`)).toBe('CONFIG-2');
    expect(run('od', ['-An', '-tu2', '-j11', '-N2', `${large.path}p2`]).trim()).toBe('4096');
  });

  it.each([
    [
      'several partitions labelled config-2',
      (disk: LoopDisk) => {
        gpt(disk, '-n', '2:0:+32M', '-n', '3:0:+32M');
        for (const n of [2, 3]) run('mkfs.vfat', ['-n', 'CONFIG-2', `${disk.path}p${n}`]);
      },
    ],
    ['no partition table', () => undefined],
    [
      'has four primary partitions',
      (disk: LoopDisk) => {
        const rows = [1, 2, 3, 4].map((n) => `start=${n * 8192}, size=8192, type=83\n`);
        run('sfdisk', ['-q', disk.path], `label: dos\n${rows.join('')}`);
      },
    ],
    [
      'no room',
      (disk: LoopDisk) => {
        run('sfdisk', ['-q', disk.path], 'label: dos\nstart=2048, size=500000, type=83\n');
      },
    ],
  ] as const)('is refused on a disk with: %s', async (why, prepare) => {
    const disk = diskOf(256 * MIB);
    prepare(disk);
    await expect(place(disk)).rejects.toThrow(why);
  });

  it.each([
    ['text that is neither base64 nor an address', 'not base64 at all!', /neither base64/],
    [
      'a gzip that is cut',
      () => Buffer.from(gzipSync(Buffer.alloc(9999, 7)).subarray(0, 30)).toString('base64'),
      /cannot be unpacked/,
    ],
    [
      'a gzip that unpacks to more than 64 MiB',
      () => gzipSync(Buffer.alloc(65 * MIB)).toString('base64'),
      /more than 64/,
    ],
    ['nothing', () => gzipSync(Buffer.alloc(0)).toString('base64'), /empty/],
  ])('is refused when it is %s', async (_what, source, why) => {
    const given = typeof source === 'string' ? source : source();
    await expect(loadConfigDrive(ports, given, testSettings, signal)).rejects.toThrow(why);
  });
});
