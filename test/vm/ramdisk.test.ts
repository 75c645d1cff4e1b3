import { existsSync, mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createMachine, type Machine } from '../../lab/machine/index.ts';
import { silentLog as log } from '../../src/core/index.ts';
import { elementList, probeEnd, probeLines, withProbe } from '../kit/ramdisk-probe.ts';

const dist = join(import.meta.dirname, '../../dist');
const image = join(dist, 'ironic-node-agent.kernel');
const ramdisk = join(dist, 'ironic-node-agent.initramfs');
const BOOT_MS = 400_000;
const { signal } = new AbortController();

const script = `
for module in ${elementList('modules.txt').join(' ')}; do modprobe --dry-run --quiet $module || echo "no module $module"; done
for command in ${elementList('commands.txt')
  .map((line) => line.split(' ')[0])
  .join(' ')}; do command -v $command > /dev/null || echo "no command $command"; done
[ -c /dev/ipmi0 ] && echo "bmc yes"
[ -d /etc/ipa-rescue-config ] && echo "rescue folder yes"
for second in $(seq 120); do journalctl -u ironic-node-agent --grep=hardware.multipath --quiet | grep -q . && break; sleep 1; done
multipath -ll | sed -nE 's/^mpath.* (dm-[0-9]+) .*/map &/p; s/.* (sd[a-z]) .*active ready running/path &/p'
ironic-node-agent inventory 2>/dev/null | grep -oE '"(name|wwn)": "(/dev/[^"]*|0x[^"]*)"'
ironic-node-agent plan 2>/dev/null | grep -E 'dm-|sd|nvme'
echo "failed units: $(systemctl --failed --no-legend --plain | wc -l)"
echo "machine id: $(wc -c < /etc/machine-id)"
echo "root on: $(stat -f -c %T /)"
awk '/^(MemAvailable|Shmem|AnonPages):/ { print $1, int($2 / 1024) }' /proc/meminfo
awk '/^Anonymous:/ { print "agent anonymous:", int($2 / 1024) }' /proc/$(systemctl show -P MainPID ironic-node-agent)/smaps_rollup
printf %s '$6$salt$hash' > /etc/ipa-rescue-config/ipa-rescue-password
for second in $(seq 60); do systemctl is-active --quiet ironic-node-agent-rescue.service && break; sleep 1; done
echo "rescue: $(id -un rescue), $(sudo -l -U rescue | grep -c NOPASSWD), ssh $(systemctl is-active ssh.socket)"
echo "rescue password: $(grep '^rescue:' /etc/shadow | cut -d: -f2), files $(ls /etc/ipa-rescue-config | wc -l)"
systemctl --no-block poweroff`;

let directory: string;
let machine: Machine | null = null;

beforeAll(() => {
  if (!existsSync(ramdisk)) throw new Error(`${ramdisk} is absent: run npm run ramdisk`);
  directory = mkdtempSync(join(tmpdir(), 'vm-ramdisk-'));
});
afterEach(async () => {
  await machine?.dispose();
  machine = null;
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function boot(initramfs: string, memoryMiB: number): Promise<Machine> {
  const append = 'console=tty0 console=ttyS0 quiet';
  const made = await createMachine(
    {
      ...{ name: 'ramdisk', firmware: 'bios', cpus: 2, memoryMiB, nics: [], bmc: true },
      disks: [
        { name: 'disk', bus: 'nvme', sizeMiB: 5120, serial: 'N1' },
        { name: 'san', bus: 'scsi', sizeMiB: 6144, serial: 'SAN1', wwn: '0x5000c500aabbcc99', paths: 2 },
      ],
      kernel: { image, initramfs, append },
    },
    { directory: join(directory, `machine-${memoryMiB}`), log, accelerator: 'tcg' },
  );
  machine = made;
  await made.powerOn('kernel');
  return made;
}

const number = (lines: readonly string[], label: string) =>
  Number(lines.find((line) => line.startsWith(label))?.slice(label.length) ?? Number.NaN);

describe('the ramdisk', () => {
  it('reaches the agent with 512 MiB of memory, has all that the agent counts on, and makes the rescue user', async () => {
    const probed = join(directory, 'probed.initramfs');
    withProbe(ramdisk, probed, script, 'agent.start');
    const made = await boot(probed, 512);
    await made.waitForSerial(/ironic-node-agent\[\d+\]: .*agent\.start/, BOOT_MS, signal);
    await made.waitForSerial(new RegExp(probeEnd), BOOT_MS, signal);
    const lines = probeLines(made.serial.lines());
    expect(lines.filter((line) => line.startsWith('no '))).toEqual([]);
    expect(lines).toContain('bmc yes');
    expect(lines).toContain('rescue folder yes');
    // A disk with two paths is one disk, under the name of its map.
    expect(lines).toContain('map mpatha (35000c500aabbcc99) dm-0 QEMU,QEMU HARDDISK');
    expect(lines.filter((line) => line.startsWith('path '))).toHaveLength(2);
    const listed = ['"name": "/dev/dm-0"', '"wwn": "0x5000c500aabbcc99"', '"name": "/dev/nvme0n1"'];
    expect(lines.filter((line) => /^"(name|wwn)"/.test(line))).toEqual(listed);
    expect(lines.filter((line) => /^\S+: erase/.test(line)).map((line) => line.split(':')[0])).toEqual([
      '/dev/dm-0',
      '/dev/nvme0n1',
    ]);
    expect(lines).toContain('failed units: 0');
    expect(lines).toContain('machine id: 33');
    expect(lines).toContain('root on: overlayfs');
    expect(lines).toContain('rescue: rescue, 1, ssh active');
    expect(lines).toContain('rescue password: $6$salt$hash, files 0');
    // All compressed files together, the journal and the agent leave half of the memory free.
    expect(number(lines, 'MemAvailable: ')).toBeGreaterThan(200);
    expect(number(lines, 'agent anonymous: ')).toBeLessThan(40);
    await made.whenOff(120_000, signal);
  });

  it('says that it was cut short', async () => {
    const cut = join(directory, 'cut.initramfs');
    await copyFile(ramdisk, cut);
    truncateSync(cut, Math.floor(statSync(cut).size * 0.6));
    const made = await boot(cut, 512);
    const [line] = await made.waitForSerial(/ramdisk: this ramdisk is TRUNCATED: .*/, 120_000, signal);
    expect(line).toMatch(/the end of root\.squashfs \(\d+ bytes\) is missing/);
  });

  it('is small', () => {
    expect(statSync(ramdisk).size).toBeLessThan(100e6);
  });
});
