import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { MiB, type Node, silentLog, tellNobody } from '../../src/core/index.ts';
import {
  type Disk,
  eraseMetadata,
  type HardwarePorts,
  listDisks,
  prepareDiskForImage,
} from '../../src/hardware/index.ts';
import { createFiles, systemClock } from '../../src/system/index.ts';
import { createLoopDevice, type LoopDevice, run, toolsForLoops } from '../kit/loop-device.ts';

const undo: (() => void)[] = [];
afterEach(() => {
  for (const one of undo.splice(0).reverse()) one();
});

function loop(bytes = 64 * MiB, sectorBytes: 512 | 4096 = 512): LoopDevice {
  const made = createLoopDevice(bytes, sectorBytes);
  undo.push(made.remove);
  return made;
}
function mountPoint(): string {
  const dir = mkdtempSync(join(tmpdir(), 'wipe-mount-'));
  undo.push(() => rmdirSync(dir));
  return dir;
}
const quietly = (work: () => unknown) => {
  try {
    work();
  } catch {
    // The test has undone it.
  }
};
function mounted(device: string): string {
  const point = mountPoint();
  run('mount', device, point);
  undo.push(() => quietly(() => run('umount', '--recursive', point)));
  return point;
}

const portsFor = (...loops: readonly LoopDevice[]): HardwarePorts => ({
  tools: toolsForLoops(loops),
  files: createFiles(),
  clock: systemClock,
  log: silentLog,
});
const erase = (loops: readonly LoopDevice[], node: Node | null = null) =>
  eraseMetadata(portsFor(...loops), node, { guardSpecialFilesystems: true }, tellNobody);
async function prepare(device: LoopDevice, retries = 3) {
  const ports = portsFor(device);
  const [disk] = await listDisks(ports);
  if (disk === undefined) throw new Error('the loop device is not listed');
  return prepareDiskForImage(ports, disk satisfies Disk, { waitMs: 50, retries }, tellNobody);
}
const signatures = (device: string): readonly { readonly type: string }[] =>
  JSON.parse(run('wipefs', '--json', device) || '{"signatures":[]}').signatures;
const isZero = (data: Uint8Array) => data.every((byte) => byte === 0);
function expectBlank(device: LoopDevice) {
  expect(signatures(device.path)).toEqual([]);
  expect(run('lsblk', '--noheadings', '--list', '--output', 'NAME', device.path).trim()).toBe(device.kname);
  expect(isZero(device.read(0, MiB))).toBe(true);
  expect(isZero(device.read(device.bytes - MiB, MiB))).toBe(true);
}
const gpt = (device: LoopDevice, ...partitions: string[]) => {
  run('sgdisk', ...partitions.map((spec, at) => `--new=${at + 1}:${spec}`), device.path);
  return device.readPartitions();
};

/** Superblock of md metadata 1.x as libblkid recognises it, at its own sector. */
function mdSuperblock(sector: number): Uint8Array {
  const block = Buffer.alloc(4096);
  block.writeUInt32LE(0xa92b4efc, 0);
  block.writeUInt32LE(1, 4);
  block.fill(0x5a, 16, 32);
  block.write('node:0', 32);
  block.writeInt32LE(1, 72);
  block.writeUInt32LE(2, 92);
  block.writeBigUInt64LE(BigInt(sector), 144);
  return block;
}

/** Two sectors: the second one is the label of an LVM physical volume, with the checksum that libblkid wants. */
function lvmLabel(): Uint8Array {
  const block = Buffer.alloc(1024);
  const label = block.subarray(512);
  label.write('LABELONE', 0);
  label.writeBigUInt64LE(1n, 8);
  label.writeUInt32LE(32, 20);
  label.write('LVM2 001', 24);
  label.write('abcdefghijklmnopqrstuvwxyz012345', 32);
  const seed = ~0xf597a6cf >>> 0;
  label.writeUInt32LE(~crc32(label.subarray(20), seed) >>> 0, 16);
  return block;
}

describe('eraseMetadata on loop devices', () => {
  it.each<512 | 4096>([512, 4096])('leaves nothing of GPT, LVM, ext4 and swap with %d-byte sectors', async (sector) => {
    const device = loop(64 * MiB, sector);
    const [lvm = '', ext4 = '', swap = ''] = gpt(device, '0:+16M', '0:+16M', '0:0');
    writeFileSync(lvm, lvmLabel(), { flag: 'r+', flush: true });
    run('mkfs.ext4', '-q', ext4);
    run('mkswap', swap);
    expect(signatures(lvm)).toMatchObject([{ type: 'LVM2_member' }]);
    device.write(device.bytes - 300 * 1024, Buffer.alloc(1024, 0xaa));
    const report = await erase([device]);
    expect(report).toEqual({ erased: [swap, ext4, lvm, device.path], skipped: [] });
    expectBlank(device);
    // The partitions come back with nothing in them.
    for (const part of gpt(device, '0:+16M', '0:+16M', '0:0')) expect(signatures(part)).toEqual([]);
  });

  it('handles an MBR with an extended partition of 1 KiB', async () => {
    const device = loop();
    run(
      'sh',
      '-c',
      `printf 'label: dos\\nstart=2048,size=20480,type=83\\nstart=22528,type=5\\nstart=24576,size=20480,type=83\\n' | sfdisk --quiet ${device.path}`,
    );
    const parts = device.readPartitions();
    expect(parts).toHaveLength(3);
    run('mkfs.ext4', '-q', parts[2] ?? '');
    expect((await erase([device])).erased).toEqual([...parts.toReversed(), device.path]);
    expectBlank(device);
  });

  it('removes signatures without a partition table, at both ends', async () => {
    const [first, last] = [loop(), loop()];
    run('mkfs.ext4', '-q', first.path);
    last.write(last.bytes - 5 * MiB, Buffer.alloc(512, 1));
    await erase([first, last]);
    expectBlank(first);
    expectBlank(last);
    expect(last.read(last.bytes - 5 * MiB, 512).every((byte) => byte === 1)).toBe(true);
  });

  it('unmounts and stops swapping before it erases', async () => {
    const device = loop();
    const [data = '', swap = ''] = gpt(device, '0:+30M', '0:0');
    run('mkfs.ext4', '-q', data);
    run('mkswap', swap);
    run('swapon', swap);
    undo.push(() => quietly(() => run('swapoff', swap)));
    mounted(data);
    await erase([device]);
    expectBlank(device);
  });

  it('leaves a skipped disk and its partitions as they are, bit by bit', async () => {
    const [kept, other] = [loop(), loop()];
    for (const device of [kept, other]) for (const part of gpt(device, '0:+30M', '0:0')) run('mkfs.ext4', '-q', part);
    const before = kept.digest();
    const report = await erase([kept, other], { properties: { skip_block_devices: [{ name: kept.path }] } });
    expect(report.skipped.map(({ path }) => path)).toEqual([`${kept.path}p1`, `${kept.path}p2`, kept.path]);
    expect(kept.digest()).toBe(before);
    expectBlank(other);
  });

  it.each<readonly [string, number]>([
    ['1.2', 8],
    ['1.0', (64 * MiB) / 512 - 16],
  ])('refuses a member of a stopped array (metadata %s) before writing anywhere', async (_version, sector) => {
    const [member, other] = [loop(), loop()];
    member.write(sector * 512, mdSuperblock(sector));
    expect(signatures(member.path)).toMatchObject([{ type: 'linux_raid_member' }]);
    run('mkfs.ext4', '-q', other.path);
    const before = [member.digest(), other.digest()];
    await expect(erase([member, other])).rejects.toMatchObject({ type: 'BlockDeviceEraseError' });
    expect([member.digest(), other.digest()]).toEqual(before);
  });

  it('refuses a VMFS partition before writing anywhere, and obeys the override', async () => {
    const [shared, other] = [loop(), loop()];
    run('sh', '-c', `printf 'label: dos\\nstart=2048,type=fb\\n' | sfdisk --quiet ${shared.path}`);
    shared.readPartitions();
    run('mkfs.ext4', '-q', other.path);
    const before = [shared.digest(), other.digest()];
    await expect(erase([shared, other])).rejects.toMatchObject({ type: 'ProtectedDeviceError' });
    expect([shared.digest(), other.digest()]).toEqual(before);
    await erase([shared, other], { driver_info: { wipe_special_filesystems: true } });
    expectBlank(shared);
  });

  it('reports a disk that another mount namespace uses, and erases the rest', async () => {
    const [busy, free] = [loop(), loop()];
    for (const device of [busy, free]) run('mkfs.ext4', '-q', device.path);
    const point = mountPoint();
    const holder = spawn('unshare', [
      '--mount',
      'sh',
      '-c',
      `mount ${busy.path} ${point} && echo ready && exec sleep 60`,
    ]);
    const ended = once(holder, 'exit');
    await once(holder.stdout, 'data');
    await expect(erase([busy, free])).rejects.toMatchObject({
      type: 'BlockDeviceEraseError',
      details: expect.stringMatching(new RegExp(`^"${busy.path}": .*busy`)),
    });
    expect(signatures(busy.path)).toMatchObject([{ type: 'ext4' }]);
    expectBlank(free);
    holder.kill();
    await ended;
  });
});

describe('prepareDiskForImage on loop devices', () => {
  it.each<512 | 4096>([512, 4096])('frees and empties a used disk with %d-byte sectors', async (sector) => {
    const device = loop(64 * MiB, sector);
    const [boot = '', root = '', raid = ''] = gpt(device, '0:+16M', '0:+16M', '0:0');
    run('mkfs.ext4', '-q', boot);
    run('mkfs.ext4', '-q', root);
    device.write(device.bytes - 8 * MiB, Buffer.alloc(512, 7));
    const point = mounted(root);
    run('mkdir', join(point, 'boot'));
    run('mount', boot, join(point, 'boot'));
    expect(raid).not.toBe('');
    await prepare(device);
    expectBlank(device);
  });

  it('removes a RAID superblock: the image is what the operator wants there', async () => {
    const device = loop();
    device.write(8 * 512, mdSuperblock(8));
    await prepare(device);
    expectBlank(device);
  });

  it('refuses a disk that backs a loop device and writes nothing', async () => {
    const outer = loop();
    run('mkfs.ext4', '-q', outer.path);
    const point = mounted(outer.path);
    run('truncate', '--size=8M', join(point, 'inner.img'));
    const inner = run('losetup', '--find', '--show', join(point, 'inner.img')).trim();
    undo.push(() => run('losetup', '--detach', inner));
    await expect(prepare(outer)).rejects.toMatchObject({ type: 'ProtectedDeviceError' });
    expect(signatures(outer.path)).toMatchObject([{ type: 'ext4' }]);
    expect(run('findmnt', '--noheadings', '--output', 'SOURCE', point).trim()).toBe(outer.path);
  });

  it('names the process that keeps the disk open', async () => {
    const device = loop();
    const fd = openSync(device.path, 'r');
    undo.push(() => closeSync(fd));
    await expect(prepare(device)).rejects.toMatchObject({
      type: 'DeploymentError',
      details: expect.stringContaining(`in use by process ${process.pid}`),
    });
  });

  it('refuses a read-only disk', async () => {
    const device = loop();
    run('blockdev', '--setro', device.path);
    // The flag stays with the loop device when the file leaves it.
    undo.push(() => run('blockdev', '--setrw', device.path));
    await expect(prepare(device)).rejects.toMatchObject({ type: 'BlockDeviceError' });
  });

  it('stops when cancelled', async () => {
    const device = loop();
    run('mkfs.ext4', '-q', device.path);
    const ports = portsFor(device);
    const [disk] = await listDisks(ports);
    const signal = AbortSignal.abort(new Error('cancelled'));
    if (disk === undefined) throw new Error('the loop device is not listed');
    await expect(prepareDiskForImage(ports, disk, { waitMs: 50, retries: 1 }, tellNobody, signal)).rejects.toThrow(
      'cancelled',
    );
    expect(signatures(device.path)).toMatchObject([{ type: 'ext4' }]);
  });
});
