import { describe, expect, it } from 'vitest';
import { MiB, type Progress, silentLog } from '../../../../src/core/index.ts';
import { eraseMetadata, prepareDiskForImage } from '../../../../src/hardware/index.ts';
import type { Tool, Tools } from '../../../../src/system/index.ts';
import { aDisk } from '../../../kit/disk-builder.ts';
import { createFakeClock } from '../../../kit/fake-clock.ts';
import { type Entries, memoryFiles } from '../../../kit/memory-files.ts';

const GB = 1_000_000_000;
const SECTORS = String((10 * MiB) / 512);
const row = (kname: string, type: string, size = 10 * MiB) => ({ kname, type, size });

interface Script {
  readonly rows: readonly object[];
  /** Signature types by device; a device loses them when it is wiped. */
  readonly signatures?: Readonly<Record<string, readonly string[]>>;
  /** Answer of a command that starts with this text; an error when it throws. */
  readonly on?: (command: string) => void;
}

/** Tools of a machine whose kernel has md and device-mapper: state changes as the programs would make them. */
function machineTools({ rows, signatures = {}, on = () => undefined }: Script): Tools & { readonly asked: string[] } {
  const asked: string[] = [];
  const state = new Map(Object.entries(signatures));
  const stdoutOf = (bin: string, argv: readonly string[]): string => {
    const device = argv.at(-1) ?? '';
    if (bin === 'lsblk') return JSON.stringify({ blockdevices: rows });
    if (bin !== 'wipefs') return '';
    if (argv.includes('--all')) state.delete(device);
    return JSON.stringify({ signatures: (state.get(device) ?? []).map((type) => ({ type, offset: '0x0' })) });
  };
  return {
    asked,
    async run<I, O>(tool: Tool<I, O>, input: I): Promise<O> {
      const argv = tool.argv(input);
      const command = [tool.bin, ...argv].join(' ');
      if (tool.effect !== 'reads') asked.push(command);
      on(command);
      const stdout = stdoutOf(tool.bin, argv);
      return tool.parse({ exitCode: 0, stdout, stderr: '', bytes: Buffer.from(stdout) }, input);
    },
  };
}

const world: Entries = {
  '/sys/class/block/sda/dev': '8:0',
  '/sys/class/block/sda/size': SECTORS,
  '/sys/class/block/sda/holders/md0': {},
  '/sys/class/block/sdb/dev': '8:16',
  '/sys/class/block/sdb/size': SECTORS,
  '/sys/class/block/sdb/holders/md0': {},
  '/sys/class/block/md0/dev': '9:0',
  '/sys/class/block/md0/size': SECTORS,
  '/sys/class/block/md0/md': { kind: 'dir' },
  '/sys/class/block/md0/holders/dm-0': {},
  '/sys/class/block/dm-0/dev': '253:0',
  '/sys/class/block/dm-0/size': SECTORS,
  '/sys/class/block/dm-0/dm/uuid': 'LVM-x',
  '/sys/class/block/dm-0/dm/name': 'vg-lv',
  '/proc/self/mountinfo': '40 22 253:0 / /mnt rw - ext4 /dev/mapper/vg-lv rw\n',
};
const rows = [row('sda', 'disk'), row('md0', 'raid1'), row('dm-0', 'lvm'), row('sdb', 'disk'), row('md0', 'raid1')];
const signatures = {
  '/dev/sda': ['linux_raid_member'],
  '/dev/sdb': ['linux_raid_member'],
  '/dev/md0': ['LVM2_member'],
  '/dev/dm-0': ['ext4'],
};
const portsOf = (tools: Tools, entries: Entries = world) => ({
  tools,
  files: memoryFiles(entries),
  clock: createFakeClock({ auto: true }),
  log: silentLog,
});

describe('eraseMetadata with md and LVM', () => {
  it('stops the volume, erases the array and leaves its members', async () => {
    const tools = machineTools({ rows, signatures });
    const told: Progress[] = [];
    const report = await eraseMetadata(portsOf(tools), null, { guardSpecialFilesystems: true }, (p) => told.push(p));
    expect(tools.asked).toEqual([
      'umount --recursive -- /mnt',
      'dmsetup remove --retry vg-lv',
      'wipefs --lock=yes --all /dev/md0',
      'dd if=/dev/zero of=/dev/md0 bs=64K count=1048576 iflag=count_bytes,fullblock seek=0 oflag=direct,seek_bytes conv=notrunc,nocreat,fsync',
      'dd if=/dev/zero of=/dev/md0 bs=64K count=1048576 iflag=count_bytes,fullblock seek=9437184 oflag=direct,seek_bytes conv=notrunc,nocreat,fsync',
      'partx --delete /dev/md0',
    ]);
    expect(report.erased).toEqual(['/dev/md0']);
    expect(report.skipped.map(({ path }) => path)).toEqual(['/dev/sda', '/dev/sdb']);
    expect(told.at(-1)).toMatchObject({ phase: 'erase-metadata', done: 3, total: 3 });
  });

  it('writes nothing to a disk whose holder does not stop, finishes the others and reports', async () => {
    const bare = { ...world, '/sys/class/block/sdc/dev': '8:32', '/sys/class/block/sdc/size': SECTORS };
    const tools = machineTools({
      rows: [...rows, row('sdc', 'disk')],
      signatures,
      on: (command) => {
        if (command.startsWith('dmsetup')) throw new Error('device is busy');
      },
    });
    const work = eraseMetadata(portsOf(tools, bare), null, { guardSpecialFilesystems: true }, () => undefined);
    await expect(work).rejects.toMatchObject({
      type: 'BlockDeviceEraseError',
      details: '"/dev/md0": remove device-mapper vg-lv (/dev/dm-0) failed: device is busy',
    });
    expect(tools.asked.filter((command) => command.includes('/dev/md0'))).toEqual([]);
    expect(tools.asked).toContain('wipefs --lock=yes --all /dev/sdc');
  });

  describe('with a mount of one disk inside that of another', () => {
    const nested: Entries = {
      '/sys/class/block/sda/dev': '8:0',
      '/sys/class/block/sda/size': SECTORS,
      '/sys/class/block/sdb/dev': '8:16',
      '/sys/class/block/sdb/size': SECTORS,
      '/proc/self/mountinfo': '40 22 8:0 / /mnt rw - ext4 /dev/sda rw\n41 40 8:16 / /mnt/in rw - ext4 /dev/sdb rw\n',
    };
    /** What the first umount leaves mounted; a second one fails. */
    const erase = async (left: string) => {
      const files = memoryFiles(nested);
      const tools = machineTools({
        rows: [row('sda', 'disk'), row('sdb', 'disk')],
        on: (command) => {
          if (command === 'umount --recursive -- /mnt') void files.write('/proc/self/mountinfo', left);
          if (command === 'umount --recursive -- /mnt/in') throw new Error('umount: /mnt/in: not mounted.');
        },
      });
      return eraseMetadata({ ...portsOf(tools), files }, null, { guardSpecialFilesystems: true }, () => undefined);
    };

    it('takes what the first umount took with it for done', async () => {
      expect((await erase('22 1 0:20 / / rw - tmpfs none rw\n')).erased).toEqual(['/dev/sda', '/dev/sdb']);
    });

    it('still fails while it is mounted', async () => {
      await expect(erase('41 40 8:16 / /mnt/in rw - ext4 /dev/sdb rw\n')).rejects.toMatchObject({
        details: '"/dev/sdb": unmount /mnt/in (/dev/sdb) failed: umount: /mnt/in: not mounted.',
      });
    });
  });

  it('does not believe a disk that still shows its signature', async () => {
    const tools = machineTools({ rows: [row('sdc', 'disk')] });
    const stubborn: Tools = {
      run: (tool, input, signal) => {
        const argv = tool.argv(input);
        if (tool.bin !== 'wipefs' || argv.includes('--all')) return tools.run(tool, input, signal);
        const stdout = '{"signatures":[{"type":"xfs","offset":"0x0"}]}';
        return Promise.resolve(tool.parse({ exitCode: 0, stdout, stderr: '', bytes: new Uint8Array() }, input));
      },
    };
    const entries = { '/sys/class/block/sdc/size': SECTORS };
    const work = eraseMetadata(portsOf(stubborn, entries), null, { guardSpecialFilesystems: true }, () => undefined);
    await expect(work).rejects.toMatchObject({ details: expect.stringContaining('/dev/sdc still shows xfs at 0x0') });
  });
});

describe('prepareDiskForImage with md and LVM', () => {
  const disk = aDisk('sda', { size: 10 * GB });
  /** The kernel forgets what was stopped. */
  const stopping = (files: ReturnType<typeof memoryFiles>) => (command: string) => {
    if (command.startsWith('mdadm')) void files.remove('/sys/class/block/sda/holders/md0');
    if (command.startsWith('dmsetup')) void files.remove('/sys/class/block/md0/holders/dm-0');
    if (command.startsWith('umount')) void files.write('/proc/self/mountinfo', '');
  };

  it('tears the stack down from the top and wipes the member', async () => {
    const files = memoryFiles(world);
    const tools = machineTools({ rows, signatures, on: stopping(files) });
    await prepareDiskForImage({ ...portsOf(tools), files }, disk, { waitMs: 1, retries: 2 }, () => undefined);
    expect(tools.asked.slice(0, 4)).toEqual([
      'umount --recursive -- /mnt',
      'dmsetup remove --retry vg-lv',
      'mdadm --stop /dev/md0',
      'wipefs --lock=yes --all /dev/sda',
    ]);
  });

  it('goes round again when the array came back between stop and wipe', async () => {
    const files = memoryFiles(world);
    let wipes = 0;
    const tools = machineTools({
      rows,
      signatures,
      on: (command) => {
        stopping(files)(command);
        if (!command.startsWith('wipefs --lock')) return;
        wipes += 1;
        if (wipes > 1) return;
        void files.write('/sys/class/block/sda/holders/md0', '');
        throw new Error('Device or resource busy');
      },
    });
    await prepareDiskForImage({ ...portsOf(tools), files }, disk, { waitMs: 1, retries: 2 }, () => undefined);
    expect(tools.asked.filter((command) => command.startsWith('mdadm'))).toHaveLength(2);
    expect(wipes).toBe(2);
  });

  it('does not try again when nothing stands on the disk', async () => {
    const tools = machineTools({
      rows,
      on: (command) => {
        if (command.startsWith('wipefs --lock')) throw new Error('Input/output error');
      },
    });
    const files = memoryFiles({ '/sys/class/block/sda/size': SECTORS });
    const work = prepareDiskForImage({ ...portsOf(tools), files }, disk, { waitMs: 1, retries: 2 }, () => undefined);
    await expect(work).rejects.toThrow('Input/output error');
    expect(tools.asked).toHaveLength(1);
  });
});
