import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../src/config/index.ts';
import { silentLog } from '../../../src/core/index.ts';
import { readBoot } from '../../../src/runtime/index.ts';
import { createFakeClock } from '../../kit/fake-clock.ts';
import { type Entries, memoryFiles } from '../../kit/memory-files.ts';
import { type RecordedCall, recordedTools } from '../../kit/recorded-tools.ts';

const { signal } = new AbortController();
const face = { program: 'x', commands: [{ name: 'agent', doc: '' }], switches: [] };
const token = 'token-of-the-floppy-0123456789-abcdefghij';
const floppy = { kname: '/dev/sdb', label: 'ir-vfd-dev', fstype: 'vfat' };
const cd = { kname: '/dev/sr0', label: 'config-2', fstype: 'iso9660' };
const point = '/tmp/mount-0';

/** Both media in one tree: the table of files knows no mounts. */
function calls(rows: readonly { readonly kname: string; readonly fstype: string }[]): readonly RecordedCall[] {
  const look: readonly RecordedCall[] = [
    { argv: ['udevadm', 'settle', '--timeout=30'] },
    { argv: ['lsblk', '-bpa', '--json', '-oKNAME,LABEL,FSTYPE'], out: JSON.stringify({ blockdevices: rows }) },
  ];
  return [
    ...Array.from({ length: 100 }, () => look).flat(),
    ...rows.flatMap(({ kname, fstype }): readonly RecordedCall[] => [
      {
        argv: ['lsblk', '-nspbP', '-oKNAME,TRAN,TYPE,SIZE', kname],
        out: `KNAME="${kname}" TRAN="usb" TYPE="${kname.includes('sr') ? 'rom' : 'disk'}" SIZE="1048576"`,
      },
      { argv: ['mount', '-t', fstype, '-o', 'ro,nodev,nosuid,noexec', '--', kname, point] },
      { argv: ['umount', '--recursive', '--', point] },
    ]),
  ];
}

function boot(
  kernel: string,
  rows: Parameters<typeof calls>[0],
  entries: Entries,
  purpose: 'agent' | 'report' = 'agent',
) {
  const base = memoryFiles({ '/proc/cmdline': kernel, ...entries });
  const files = { ...base, written: base.written };
  const tools = recordedTools(calls(rows));
  const ports = { files, tools, clock: createFakeClock({ auto: true }), log: silentLog };
  const commandLine = parseCommandLine(['agent', '--config-dir', '/etc/ironic-python-agent.d'], face);
  const done = readBoot({ files, env: {} }, { commandLine, purpose, open: () => ports }, signal);
  return { done, files, tools, clock: ports.clock };
}

const parameters = `${point}/parameters.txt`;
const conf = 'ironic-python-agent.d/ironic-tls.conf';
const tls = '[DEFAULT]\ncafile = /etc/ironic-python-agent/ironic.crt\nlisten_port = 8888\n';

describe('start with virtual media (protocol.md 1.1, 2.4, 2.5)', () => {
  it('puts the parameters of the floppy over the kernel line, BOOTIF too, and names the origin', async () => {
    const text = `ipa-api-url="http://a/b"\nipa-agent-token=${token} BOOTIF=52:54:00:00:00:07\nipa-debug=1\n`;
    const kernel = 'boot_method=vmedia ipa-api-url=http://old BOOTIF=52:54:00:00:00:01 ipa-listen-port=80';
    const { done } = boot(kernel, [floppy], { [parameters]: text });
    const { resolved, parameters: merged } = await done;
    expect(resolved.config).toMatchObject({ agentToken: token, debug: true, listenPort: 80 });
    expect(resolved.config.apiUrl).toEqual(['http://a/b']);
    expect(resolved.origins.apiUrl).toBe('parameter ipa-api-url of the virtual floppy /dev/sdb');
    expect(resolved.origins.listenPort).toBe('kernel parameter ipa-listen-port');
    expect(merged.get('BOOTIF')).toBe('52:54:00:00:00:07');
  });

  it('copies the files of the CD before the configuration is read, and says where they came from', async () => {
    const { done, files } = boot('boot_method=vmedia ipa-api-url=http://a', [cd], {
      [`${point}/etc/ironic-python-agent/ironic.crt`]: 'PEM',
      [`${point}/etc/${conf}`]: tls,
    });
    const { resolved } = await done;
    expect(files.written).toEqual(['/etc/ironic-python-agent/ironic.crt=PEM', `/etc/${conf}=${tls}`]);
    expect(resolved.config).toMatchObject({ cafile: '/etc/ironic-python-agent/ironic.crt', listenPort: 8888 });
    expect(resolved.origins.listenPort).toBe(`file /etc/${conf} (from virtual medium /dev/sr0) [DEFAULT] line 3`);
  });

  it('touches no medium when the machine was not booted from one', async () => {
    const { done, tools, files } = boot('ipa-api-url=http://a', [floppy, cd], {
      [parameters]: 'ipa-listen-port=1',
      [`${point}/etc/${conf}`]: tls,
    });
    expect((await done).resolved.config.listenPort).toBe(9999);
    expect(tools.asked).toEqual([]);
    expect(files.written).toEqual([]);
  });

  it('goes on with a warning when the floppy is empty and the kernel line names a conductor', async () => {
    const { done } = boot('boot_method=vmedia ipa-api-url=http://a', [floppy], { [`${point}/readme`]: '' });
    expect((await done).resolved.config.apiUrl).toEqual(['http://a']);
  });

  it('goes on when a file names the conductor', async () => {
    const entries = { [`${point}/readme`]: '', '/etc/ironic-python-agent.d/a.conf': '[DEFAULT]\napi_url = http://f\n' };
    expect((await boot('boot_method=vmedia', [floppy], entries).done).resolved.config.apiUrl).toEqual(['http://f']);
  });

  it('ends with an error that names the device when nobody could be called', async () => {
    const { done } = boot('boot_method=vmedia', [floppy], { [`${point}/readme`]: '' });
    await expect(done).rejects.toThrow(
      'the virtual floppy /dev/sdb has no parameters.txt, and nothing else names a conductor',
    );
  });

  it('waits a minute for a floppy without which nothing is known, a moment for the rest', async () => {
    const needed = boot('boot_method=vmedia', [], {});
    await needed.done;
    expect(needed.clock.elapsed()).toBe(75_000);
    const known = boot('boot_method=vmedia ipa-api-url=http://a', [], {});
    await known.done;
    expect(known.clock.elapsed()).toBe(15_000);
  });

  it('ends when the configuration on a CD cannot be taken over whole', async () => {
    const { done, files } = boot('boot_method=vmedia ipa-api-url=http://a', [cd], {
      [`${point}/etc/ironic-python-agent/ironic.crt`]: 'PEM',
      [`${point}/etc/ironic-python-agent/passwd`]: { link: '/etc/passwd' },
    });
    await expect(done).rejects.toThrow('etc/ironic-python-agent/passwd on /dev/sr0 is a link that leaves the medium');
    expect(files.written).toEqual([]);
  });

  it('reads again when only the medium makes the configuration valid', async () => {
    const { done } = boot('boot_method=vmedia ipa-api-url=http://a', [cd], {
      [`${point}/etc/${conf}`]: tls,
      [`/etc/${conf}`]: '[DEFAULT]\nlisten_port = nonsense\n',
    });
    expect((await done).resolved.config.listenPort).toBe(8888);
  });

  it('a report sees the floppy, and names the medium of files, but changes nothing and waits for nothing', async () => {
    const entries = { [parameters]: 'ipa-api-url=http://a', [`${point}/etc/${conf}`]: tls, [`/etc/${conf}`]: tls };
    const { done, files, clock } = boot('boot_method=vmedia', [floppy, cd], entries, 'report');
    const { resolved } = await done;
    expect(resolved.origins.apiUrl).toContain('virtual floppy /dev/sdb');
    expect(resolved.origins.listenPort).toContain('(from virtual medium /dev/sr0)');
    expect(files.written).toEqual([]);
    expect(clock.elapsed()).toBe(0);
  });
});
