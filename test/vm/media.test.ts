import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMachine, type Machine } from '../../lab/machine/index.ts';
import { silentLog as log } from '../../src/core/index.ts';
import { probeEnd, probeLines, withProbe } from '../kit/ramdisk-probe.ts';

const dist = join(import.meta.dirname, '../../dist');
const image = join(dist, 'ironic-node-agent.kernel');
const ramdisk = join(dist, 'ironic-node-agent.initramfs');
const BOOT_MS = 600_000;
const MIB = 1024 * 1024;
const { signal } = new AbortController();
const token = 'token-of-the-floppy-0123456789-abcdefghij';

/** The probe must not hold the token itself, or it would find it. */
const script = `
ironic-node-agent config --config-dir /etc/ironic-python-agent.d/ 2>/dev/null | grep -A1 -E '^# (parameter|file)'
ls -l /etc/ironic-python-agent /etc/ironic-python-agent.d | awk '/^-/ { print "copied:", $1, $NF }'
echo "token in the journal: $(journalctl --no-pager | grep -c 'token-of-the-floppy')"
echo "media mounted: $(grep -c -e /tmp/mount- -e /mnt/config /proc/mounts)"
ip -d link show bond0.100 | grep -o 'vlan protocol 802.1Q id 100'
ip link show bond0.100 | grep -o '[<,]UP[,>]' | tr -d '<,>'
ironic-node-agent inventory 2>/dev/null | grep -E '"(name|pxe_interface)": "(bond0|01-52)'
systemctl --no-block poweroff`;

/** No server of a test has a network card here: a bond counts as one, and a VLAN can be made on it. */
const bond = { 'etc/systemd/network/10-bond.netdev': '[NetDev]\nName=bond0\nKind=bond\n' };

let directory: string;
let machine: Machine | null = null;

beforeAll(() => {
  if (!existsSync(ramdisk)) throw new Error(`${ramdisk} is absent: run npm run ramdisk`);
  directory = mkdtempSync(join(tmpdir(), 'vm-media-'));
});
afterAll(async () => {
  await machine?.dispose();
  rmSync(directory, { recursive: true, force: true });
});

/** A FAT file system on a whole disk. */
function fat(name: string, label: string, mib: number, files: Readonly<Record<string, string>>): string {
  const path = join(directory, name);
  writeFileSync(path, '');
  truncateSync(path, mib * MIB);
  execFileSync('mkfs.vfat', ['-n', label, path]);
  execFileSync('mcopy', ['-s', '-i', path, ...topLevel(name, files), '::']);
  return path;
}

function iso(name: string, label: string, files: Readonly<Record<string, string>>): string {
  const path = join(directory, name);
  topLevel(name, files);
  execFileSync('xorriso', ['-as', 'mkisofs', '-quiet', '-R', '-J', '-V', label, '-o', path, treeOf(name)]);
  return path;
}

const treeOf = (name: string) => join(directory, `${name}.tree`);

/** Paths of the entries in the root of a tree with these files. */
function topLevel(name: string, files: Readonly<Record<string, string>>): readonly string[] {
  const tree = treeOf(name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(tree, path, '..'), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
  return [...new Set(Object.keys(files).map((path) => join(tree, path.split('/')[0] ?? '')))];
}

const usb = () =>
  fat('floppy.img', 'ir-vfd-dev', 2, {
    'parameters.txt': `ipa-api-url="http://192.0.2.1:6385" ipa-agent-token=${token}\nBOOTIF=01-52-54-00-00-00-07\nipa-lookup-timeout=7\n`,
  });
const cdrom = () =>
  iso('config.iso', 'config-2', {
    'etc/ironic-python-agent/ironic.crt': 'PEM\n',
    'etc/ironic-python-agent.d/ironic-tls.conf': '[DEFAULT]\ncafile = /etc/ironic-python-agent/ironic.crt\n',
    'openstack/latest/network_data.json': '{}',
  });
/** What a tenant could leave behind. */
const hostile = () =>
  fat('disk.img', 'CONFIG-2', 64, { 'etc/ironic-python-agent.d/evil.conf': '[DEFAULT]\ninsecure = true\n' });

it('the ramdisk configures itself from a USB floppy and a CD, not from a local disk, and makes the VLAN', async () => {
  const probed = join(directory, 'probed.initramfs');
  withProbe(ramdisk, probed, script, 'vlan.created', bond);
  const append =
    'console=ttyS0 quiet boot_method=vmedia ipa-enable-vlan-interfaces=bond0.100,all ipa-collect-lldp=1 ipa-lldp-timeout=1 ipa-lookup-timeout=5 ipa-disk-wait-attempts=0';
  machine = await createMachine(
    {
      ...{ name: 'media', firmware: 'bios', cpus: 2, memoryMiB: 512, nics: [], bmc: false, cdrom: cdrom() },
      disks: [
        { name: 'floppy', bus: 'usb', sizeMiB: 0, serial: 'FLOPPY', path: usb() },
        { name: 'disk', bus: 'sata', sizeMiB: 0, serial: 'N1', path: hostile() },
      ],
      kernel: { image, initramfs: probed, append },
    },
    { directory: join(directory, 'machine'), log, accelerator: 'tcg' },
  );
  await machine.powerOn('kernel');
  await machine.waitForSerial(new RegExp(probeEnd), BOOT_MS, signal);
  const serial = machine.serial.lines();
  const said = probeLines(serial);
  const text = said.join('\n');
  expect(text).toMatch(
    /# parameter ipa-api-url of the virtual floppy \/dev\/sd[a-z]\napi_url = http:\/\/192\.0\.2\.1:6385/,
  );
  expect(text).toMatch(
    /# parameter ipa-agent-token of the virtual floppy \/dev\/sd[a-z], hidden\n#agent_token = \*{6}/,
  );
  expect(text).toMatch(/# parameter ipa-lookup-timeout of the virtual floppy \/dev\/sd[a-z]\nlookup_timeout = 7/);
  expect(text).toContain(
    '# file /etc/ironic-python-agent.d/ironic-tls.conf (from virtual medium /dev/sr0) [DEFAULT] line 2\ncafile = /etc/ironic-python-agent/ironic.crt',
  );
  expect(said).toContain('copied: -rw------- ironic.crt');
  expect(said).toContain('copied: -rw------- ironic-tls.conf');
  expect(text).not.toContain('evil.conf');
  expect(serial.join('\n')).toMatch(/media\.refused.*sd[a-z] is neither a CD nor a USB disk/);
  expect(said).toContain('token in the journal: 0');
  expect(said).toContain('media mounted: 0');
  expect(said).toContain('vlan protocol 802.1Q id 100');
  expect(said).toContain('UP');
  expect(text).toContain('"name": "bond0.100"');
  expect(text).toContain('"pxe_interface": "01-52-54-00-00-00-07"');
  expect(serial.join('\n')).toMatch(/vlan\.refused.*all: bond0 heard no LLDP frame within lldp_timeout/);
  await machine.whenOff(120_000, signal);
}, 900_000);
