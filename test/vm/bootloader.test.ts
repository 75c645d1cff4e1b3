import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BANNER_END, readBanner } from '../../lab/images/banner.ts';
import { grubImage } from '../../lab/images/grub.ts';
import { createMachine, type Machine } from '../../lab/machine/index.ts';
import { silentLog as log, MiB } from '../../src/core/index.ts';
import { grubSystemTree } from '../kit/grub-system.ts';
import { probeEnd, probeLines, withProbe } from '../kit/ramdisk-probe.ts';

const dist = join(import.meta.dirname, '../../dist');
const image = join(dist, 'ironic-node-agent.kernel');
const ramdisk = join(dist, 'ironic-node-agent.initramfs');
const BOOT_MS = 600_000;
const { signal } = new AbortController();

const TOKEN = 'token-of-the-boot-loader-test-0123456789';
const ROOT_UUID = '11111111-2222-4333-8444-555555555555';
const ESP_UUID = 'AABB-CCDD';
const DISK_BYTES = 5 * 1024 * MiB;
const ESP = { start: 1 * MiB, bytes: 64 * MiB };
const ROOT = { start: 65 * MiB, bytes: 256 * MiB };
const fstab = `UUID=${ROOT_UUID} / ext4 defaults 0 1\n`;

/** The option has no kernel parameter; conductors set it at lookup. */
const config = {
  'etc/ironic-python-agent.d/test.conf': `[DEFAULT]\nenable_bios_bootloader_install = true\nagent_token = ${TOKEN}\n`,
};

/** Speaks HTTP by bash, for the ramdisk has no client. */
const script = (params: object) => `
body='${JSON.stringify({ name: 'image.install_bootloader', params })}'
bash -c 'exec 3<>/dev/tcp/127.0.0.1/9999
printf "POST /v1/commands/?wait=true&agent_token=${TOKEN} HTTP/1.0\\r\\nContent-Type: application/json\\r\\nContent-Length: %s\\r\\n\\r\\n%s" "\${#0}" "$0" >&3
tail -n 1 <&3' "$body"
echo
echo "mounts left: $(grep -c -e image-root -e /tmp/mount- /proc/mounts)"
echo "programs left: $(ps ax -o args | grep -c '[g]rub')"
journalctl -o cat --no-pager -u ironic-node-agent | grep -o 'bootloader\\.[a-z.]*' | sort -u
efibootmgr -v 2>/dev/null | sed 's/^/nvram: /'
systemctl --no-block poweroff`;

let directory: string;
let machine: Machine | null = null;

beforeAll(() => {
  if (!existsSync(ramdisk)) throw new Error(`${ramdisk} is absent: run npm run ramdisk`);
  directory = mkdtempSync(join(tmpdir(), 'vm-bootloader-'));
});
afterEach(async () => {
  await machine?.dispose();
  machine = null;
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What a deployed partition image leaves on a disk before its boot loader is there. */
async function deployedDisk(name: string, table: string, add?: (tree: string) => Promise<void>): Promise<string> {
  const tree = join(directory, `${name}.tree`);
  await grubSystemTree(tree, { banner: `lab-os-${name}`, fstab }, signal);
  await add?.(tree);
  const path = join(directory, `${name}.raw`);
  writeFileSync(path, '');
  truncateSync(path, DISK_BYTES);
  execFileSync('sfdisk', ['--quiet', path], { input: table });
  const mke2fs = ['-q', '-F', '-t', 'ext4', '-b', '4096', '-U', ROOT_UUID, '-d', tree, '-E', `offset=${ROOT.start}`];
  execFileSync('mke2fs', [...mke2fs, path, `${ROOT.bytes / 1024}k`]);
  rmSync(tree, { recursive: true });
  return path;
}

const sectors = ({ start, bytes }: typeof ROOT) => `start=${start / 512}, size=${bytes / 512}`;
const dos = `label: dos\n${sectors(ROOT)}, type=83, bootable\n`;
const gpt = `label: gpt\n${sectors(ESP)}, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B\n${sectors(ROOT)}, type=L\n`;

async function uefiDisk(name: string, add?: (tree: string) => Promise<void>): Promise<string> {
  const path = await deployedDisk(name, gpt, add);
  const options = ['-i', ESP_UUID.replace('-', ''), '-n', 'EFI-PART', '--offset', String(ESP.start / 512), '-F', '16'];
  execFileSync('mkfs.vfat', [...options, path, String(ESP.bytes / 1024)]);
  return path;
}

/** Runs the command in the ramdisk, then starts the machine from its disk. */
async function install(name: string, firmware: 'bios' | 'uefi', path: string, params: object) {
  const probed = join(directory, `${name}.initramfs`);
  withProbe(ramdisk, probed, script(params), 'api.listening', config);
  const append = 'console=tty0 console=ttyS0 quiet ipa-disk-wait-attempts=0';
  const made = await createMachine(
    {
      ...{ name, firmware, cpus: 2, memoryMiB: 1024, nics: [], bmc: false },
      disks: [{ name: 'disk', bus: 'sata', sizeMiB: 0, serial: 'N1', path }],
      kernel: { image, initramfs: probed, append },
    },
    { directory: join(directory, `machine-${name}`), log, accelerator: 'tcg' },
  );
  machine = made;
  await made.powerOn('kernel');
  await made.waitForSerial(new RegExp(probeEnd), BOOT_MS, signal);
  const said = probeLines(made.serial.lines());
  await made.whenOff(120_000, signal);
  rmSync(probed);
  const answer: unknown = JSON.parse(said.find((line) => line.startsWith('{')) ?? 'null');
  return { said, answer, made };
}

async function bootFromDisk(made: Machine) {
  await made.powerOn('disk');
  await made.waitForSerial(new RegExp(BANNER_END), BOOT_MS, signal);
  return readBanner(made.serial.lines().join('\n'));
}

const fileOnDisk = (path: string, name: string) =>
  execFileSync('debugfs', ['-R', `cat ${name}`, `${path}?offset=${ROOT.start}`], { encoding: 'utf8', stdio: 'pipe' });
const succeeded = { command_name: 'install_bootloader', command_status: 'SUCCEEDED', command_error: null };

describe('a partition image gets its boot loader from its own GRUB and starts', () => {
  it('BIOS', async () => {
    const path = await deployedDisk('bios', dos);
    const { said, answer, made } = await install('bios', 'bios', path, { root_uuid: ROOT_UUID });
    expect(answer, said.join('\n')).toMatchObject(succeeded);
    expect(said).toEqual(expect.arrayContaining(['mounts left: 0', 'programs left: 0']));
    expect(fileOnDisk(path, '/etc/fstab')).toBe(fstab);
    expect(await bootFromDisk(made)).toMatchObject({
      ...{ image: 'lab-os-bios', firmware: 'bios', diskSerial: 'N1' },
      cmdline: expect.stringContaining(`root=UUID=${ROOT_UUID}`),
    });
  });

  it('UEFI, on an empty ESP', async () => {
    const path = await uefiDisk('uefi');
    const params = { root_uuid: ROOT_UUID, efi_system_part_uuid: ESP_UUID, target_boot_mode: 'uefi' };
    const { said, answer, made } = await install('uefi', 'uefi', path, params);
    expect(answer, said.join('\n')).toMatchObject(succeeded);
    expect(said).toEqual(expect.arrayContaining(['mounts left: 0', 'programs left: 0', 'bootloader.entry']));
    expect(said.join('\n')).toMatch(/nvram: Boot[0-9A-F]{4}\* ironic1\s+HD\(1,GPT/);
    expect(fileOnDisk(path, '/etc/fstab')).toBe(`${fstab}UUID=${ESP_UUID}\t/boot/efi\tvfat\tumask=0077\t0\t1\n`);
    expect(await bootFromDisk(made)).toMatchObject({
      ...{ image: 'lab-os-uefi', firmware: 'uefi', diskSerial: 'N1' },
      cmdline: expect.stringContaining(`root=UUID=${ROOT_UUID}`),
    });
  });

  it('UEFI, with the boot files that the image keeps for itself', async () => {
    const path = await uefiDisk('kept', async (tree) => {
      const loader = await grubImage('uefi', { rootUuid: ROOT_UUID, work: directory }, signal);
      mkdirSync(join(tree, 'boot/efi/EFI/debian'), { recursive: true });
      mkdirSync(join(tree, 'boot/grub'));
      writeFileSync(join(tree, 'boot/efi/EFI/debian/shimx64.efi'), loader);
      writeFileSync(
        join(tree, 'boot/efi/EFI/debian/BOOTX64.CSV'),
        Buffer.from('\ufeffshimx64.efi,Kept,,\n', 'utf16le'),
      );
    });
    const params = { root_uuid: ROOT_UUID, efi_system_part_uuid: ESP_UUID, target_boot_mode: 'uefi' };
    const { said, answer, made } = await install('kept', 'uefi', path, params);
    expect(answer, said.join('\n')).toMatchObject(succeeded);
    expect(said).toContain('mounts left: 0');
    expect(said.join('\n')).toMatch(/nvram: Boot[0-9A-F]{4}\* Kept\s+HD\(1,GPT.*\\EFI\\debian\\shimx64\.efi/);
    expect(fileOnDisk(path, '/etc/fstab')).toContain(`UUID=${ESP_UUID}\t/boot/efi`);
    expect(await bootFromDisk(made)).toMatchObject({ image: 'lab-os-kept', firmware: 'uefi' });
  });
});
