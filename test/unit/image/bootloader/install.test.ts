import { describe, expect, it } from 'vitest';
import { type AgentError, tellNobody } from '../../../../src/core/index.ts';
import { type BootloaderRequest, installBootloader } from '../../../../src/image/index.ts';
import { ToolFailed, ToolMissing, type Tools } from '../../../../src/system/index.ts';
import { createFakeClock } from '../../../kit/fake-clock.ts';
import { type Entries, memoryFiles } from '../../../kit/memory-files.ts';
import { type RecordedCall, recordedTools } from '../../../kit/recorded-tools.ts';

const disk = { path: '/dev/sda', size: 2 ** 30, logicalSectorBytes: 512 };
const ROOT = '11111111-2222-4333-8444-555555555555';
const request: BootloaderRequest = {
  rootUuid: ROOT,
  efiSystemPartUuid: null,
  prepBootPartUuid: null,
  targetBootMode: 'uefi',
  ignoreFailure: false,
  mayRunImage: false,
};

/** The smallest EFI program of this machine. */
function loader(): string {
  const bytes = Buffer.alloc(512);
  bytes.write('MZ');
  bytes.writeUInt32LE(0x80, 0x3c);
  bytes.write('PE\0\0', 0x80);
  bytes.writeUInt16LE(process.arch === 'arm64' ? 0xaa64 : 0x8664, 0x84);
  bytes.writeUInt16LE(0x20b, 0x98);
  return bytes.toString('base64');
}

const sys = '/sys/class/block/sda';
const firmware: Entries = { '/sys/firmware/efi/efivars/BootOrder-x': '' };
const partitions: Entries = { [`${sys}/sda1/partition`]: '1', '/sys/class/block/sda1/partition': '1' };
const name = process.arch === 'arm64' ? 'BOOTAA64.EFI' : 'BOOTX64.EFI';
const withLoader: Entries = { [`/tmp/mount-0/EFI/BOOT/${name}`]: { base64: loader() } };

const version: RecordedCall = { argv: ['efibootmgr', '--version'], out: 'version 17\n' };
const rescan: readonly RecordedCall[] = [
  { argv: ['udevadm', 'settle', '--timeout=30'] },
  { argv: ['blockdev', '--rereadpt', '/dev/sda'] },
  { argv: ['partx', '--update', '/dev/sda'] },
  { argv: ['udevadm', 'settle', '--timeout=30'] },
  { argv: ['blkid', '--probe', '-o', 'export', '/dev/sda1'], out: 'UUID=AAAA-BBBB\nTYPE=vfat\n' },
];
const types = (type: string): RecordedCall => ({
  argv: ['partx', '--raw', '--noheadings', '-o', 'NR,TYPE', '/dev/sda'],
  out: `1 ${type}\n`,
});
const ESP = 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b';
const look: readonly RecordedCall[] = [
  { argv: ['mount', '-t', 'vfat', '-o', 'ro,nodev,nosuid,noexec', '--', '/dev/sda1', '/tmp/mount-0'] },
  { argv: ['umount', '--recursive', '--', '/tmp/mount-0'] },
];
const create: readonly RecordedCall[] = [
  { argv: ['efibootmgr', '-v'], out: 'BootCurrent: 0001\nBoot0003* ironic1\tHD(1,GPT,x)/File(y)\n' },
  { argv: ['efibootmgr', '-b', '0003', '-B'] },
  {
    argv: ['efibootmgr', '-v', '-c', '-d', '/dev/sda', '-p', '1', '-w', '-L', 'ironic1', '-l', `\\EFI\\BOOT\\${name}`],
  },
  { argv: ['sync'] },
];
const found = [version, ...rescan, types(ESP), ...look];

async function install(over: Partial<BootloaderRequest>, calls: readonly RecordedCall[], entries: Entries) {
  const recorded = recordedTools(calls);
  const tools: typeof recorded = {
    ...recorded,
    run: (tool, input, signal) =>
      tool.bin === 'efibootmgr' && !calls.includes(version)
        ? Promise.reject(ToolMissing('efibootmgr is not installed'))
        : recorded.run(tool, input, signal),
  };
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const namespaces = { open: () => Promise.reject(new Error('nothing of the image may run')) };
  const ports = { tools, files: memoryFiles(entries), clock: createFakeClock({ auto: true }), log, namespaces };
  const { signal } = new AbortController();
  const outcome = await installBootloader(ports, disk, { ...request, ...over }, tellNobody, signal).catch(
    (error: AgentError) => `${error.type}: ${error.details}`,
  );
  expect(recorded.unused()).toEqual([]);
  return outcome;
}

const NO_LOADER = 'the EFI system partition /dev/sda1 has no boot loader for this machine';

describe('image.install_bootloader decides (imaging 6.1)', () => {
  it.each<readonly [string, Partial<BootloaderRequest>, readonly RecordedCall[], Entries, readonly string[] | RegExp]>([
    ['UEFI with a loader', {}, [...found, ...create], { ...firmware, ...partitions, ...withLoader }, []],
    [
      'UEFI with a loader on a partition that only the conductor knows',
      { efiSystemPartUuid: 'aaaa-bbbb' },
      [version, ...rescan, types('ebd0a0a2'), ...look, ...create],
      { ...firmware, ...partitions, ...withLoader },
      [],
    ],
    [
      'UEFI where a look for partitions fails',
      {},
      [
        ...found.map((call) =>
          /^(udevadm|blockdev|partx)$/.test(call.argv[0] ?? '') && call.out === undefined ? { ...call, exit: 5 } : call,
        ),
        ...create,
      ],
      { ...firmware, ...partitions, ...withLoader },
      [],
    ],
    [
      'UEFI without variables yet',
      {},
      [
        ...found,
        {
          argv: [
            'mount',
            '-t',
            'efivarfs',
            '-o',
            'rw,nosuid,nodev,noexec',
            '--',
            'efivarfs',
            '/sys/firmware/efi/efivars',
          ],
        },
        ...create,
      ],
      { '/sys/firmware/efi/efivars': { kind: 'dir' }, ...partitions, ...withLoader },
      [],
    ],
    [
      'UEFI without ESP',
      {},
      [version, ...rescan, types('83')],
      { ...firmware, ...partitions },
      /^DeviceNotFound: \/dev\/sda has no EFI system partition/,
    ],
    ['UEFI, whole disk, no loader', { rootUuid: null }, found, { ...firmware, ...partitions }, [NO_LOADER]],
    ['UEFI, whole disk, no loader', { rootUuid: '0x00000000' }, found, { ...firmware, ...partitions }, [NO_LOADER]],
    [
      'UEFI, partition image, empty ESP, not allowed to run it',
      {},
      found,
      { ...firmware, ...partitions },
      /^InvalidImage: the EFI system partition \/dev\/sda1 has no boot loader, and .*enable_bios_bootloader_install.*CVE-2026-43003/,
    ],
    [
      'UEFI, the same, but ignored',
      { ignoreFailure: true },
      found,
      { ...firmware, ...partitions },
      [expect.stringMatching(/^ignored: .*CVE-2026-43003/)],
    ],
    [
      'UEFI without efibootmgr, whole disk',
      { rootUuid: null },
      [],
      { ...firmware, ...partitions },
      ['the ramdisk has no efibootmgr: no boot entry was made'],
    ],
    ['BIOS, whole disk', { rootUuid: null, targetBootMode: 'bios' }, [], {}, []],
    ['BIOS, whole disk', { rootUuid: '0x0a1b2c3d', targetBootMode: 'bios' }, [], {}, []],
    ['BIOS, asked for UEFI', { rootUuid: null }, [], {}, ['asked for boot mode uefi, running in bios']],
    [
      'BIOS, partition image, not allowed',
      {},
      [],
      {},
      /^InvalidImage: boot loaders of partition images are not installed/,
    ],
    [
      'UEFI on software RAID',
      {},
      [version],
      { ...firmware, [`${sys}/md/level`]: 'raid1' },
      /^CommandExecutionError: \/dev\/sda is a software RAID/,
    ],
    [
      'BIOS on software RAID',
      { mayRunImage: true },
      [],
      { [`${sys}/md/level`]: 'raid1' },
      /^CommandExecutionError: \/dev\/sda is a software RAID/,
    ],
    [
      'BIOS on software RAID, whole disk',
      { rootUuid: null, targetBootMode: 'bios' },
      [],
      { [`${sys}/md/level`]: 'raid1' },
      [],
    ],
  ])('%s %j', async (_what, over, calls, entries, expected) => {
    const outcome = await install(over, calls, entries);
    if (expected instanceof RegExp) expect(outcome).toMatch(expected);
    else expect(outcome).toEqual(expected);
  });
});

/** A machine on which everything succeeds but the boot entry; a loader is on the ESP once grub-install ran. */
function fullFirmware() {
  const block: Entries = {
    ...firmware,
    ...partitions,
    [`${sys}/sda2/partition`]: '2',
    '/sys/class/block/sda2/partition': '2',
  };
  const before = memoryFiles(block);
  const after = memoryFiles({ ...block, ...withLoader });
  const ran: string[] = [];
  const now = () => (ran.some((line) => line.includes('grub-install')) ? after : before);
  const files: typeof before = {
    ...before,
    list: (path) => now().list(path),
    kind: (path) => now().kind(path),
    bytes: (path) => now().bytes(path),
  };
  const answers: Readonly<Record<string, string>> = {
    'blkid --probe -o export /dev/sda1': 'UUID=AAAA-BBBB\nTYPE=vfat\n',
    'blkid --probe -o export /dev/sda2': `UUID=${ROOT}\nTYPE=ext4\n`,
    'partx --raw --noheadings -o NR,TYPE /dev/sda': `1 ${ESP}\n`,
  };
  const tools: Tools = {
    run: async (tool, input) => {
      const line = [tool.bin, ...tool.argv(input)].join(' ');
      ran.push(line);
      if (line.startsWith('efibootmgr -v -c')) throw ToolFailed('No space left on device');
      const stdout = answers[line] ?? '';
      return tool.parse({ exitCode: 0, stdout, stderr: '', bytes: Buffer.from(stdout) }, input);
    },
  };
  return { tools, files, ran };
}

it('a firmware without room for a boot entry is a warning where the image has just brought its boot loader', async () => {
  const { tools, files, ran } = fullFirmware();
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const namespaces = { open: async () => ({ tools, files, close: async () => void ran.push('closed') }) };
  const ports = { tools, files, clock: createFakeClock({ auto: true }), log, namespaces };
  const { signal } = new AbortController();
  const asked = { ...request, efiSystemPartUuid: 'AAAA-BBBB', mayRunImage: true };
  expect(await installBootloader(ports, disk, asked, tellNobody, signal)).toEqual([
    'no boot entry was made: No space left on device',
  ]);
  const programs = ran.filter((line) => line.startsWith('setpriv')).map((line) => line.replace(/^.*"\$@" /, ''));
  expect(programs).toEqual(['grub-install', 'grub-install --removable', 'grub-mkconfig -o /boot/grub/grub.cfg']);
  expect(ran.at(-1)).toBe('sync');
  expect(ran).toContain('closed');
});
