import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../../src/core/index.ts';
import { collectSystemLogs } from '../../../../src/hardware/index.ts';
import { systemClock, type Tools } from '../../../../src/system/index.ts';
import { createFakeClock } from '../../../kit/fake-clock.ts';
import { type Entries, memoryFiles } from '../../../kit/memory-files.ts';
import { type RecordedCall, recordedTools } from '../../../kit/recorded-tools.ts';
import { unpack } from '../../../kit/unpack.ts';

const portsOf = (calls: readonly RecordedCall[], entries: Entries = {}) => ({
  tools: recordedTools(calls),
  files: memoryFiles(entries),
  clock: systemClock,
  log: silentLog,
});
const options = {
  budgetMs: 5000,
  maxJournalBytes: 640,
  maxTotalBytes: 1_000_000,
  logPaths: [],
  extra: [{ name: 'agent/config', text: 'x' }],
  secrets: ['s3cr3t-tök'],
};
const call = (command: string, out = `${command}\n`): RecordedCall => ({ argv: command.split(' '), out });
const journal = (out: string) => call('journalctl --full --no-pager -b -n 10', out);
const LSBLK = '-oKNAME,MODEL,SIZE,ROTA,TYPE,UUID,PARTUUID,SERIAL,WWN,LOG-SEC,PHY-SEC,TRAN';
const manifestOf = (files: ReadonlyMap<string, Buffer>) => JSON.parse(String(files.get('manifest.json')));

describe('the log archive (protocol.md 11.2)', () => {
  it('has the members of the reference in its order, from the same command lines, then ours', async () => {
    const calls = [
      journal('boot\n'),
      ...['df -a', 'dmesg', 'efibootmgr -v', 'iptables -L', 'ip addr', 'lshw -quiet -json', 'mount', 'ps au'].map((c) =>
        call(c),
      ),
      call(`lsblk --all ${LSBLK}`),
      call('lsblk --all --bytes --output-all --pairs'),
      ...['multipath -ll', 'parted --script -l', 'ip route', 'lspci -nnvv', 'nvme list -o json'].map((c) => call(c)),
      { ...call('smartctl -x /dev/sda'), exit: 64 },
    ];
    const entries = {
      '/proc/mdstat': 'Personalities :\n',
      '/sys/class/block/sda/dev': '8:0\n',
      '/sys/class/block/sda/device': { link: '/sys/devices/x' },
      '/sys/class/block/sda1/dev': '8:1\n',
      '/var/log/ipa/agent.log': 'line\n',
    };
    const ports = portsOf(calls, entries);
    const files = await unpack(await collectSystemLogs(ports, { ...options, logPaths: ['/var/log/ipa'] }));
    expect([...files.keys()]).toEqual([
      ...[
        'journal',
        'var/log/ipa/agent.log',
        'df',
        'dmesg',
        'efibootmgr',
        'iptables',
        'ip_addr',
        'lsblk',
        'lsblk-full',
      ],
      ...['lshw', 'mdstat', 'mount', 'multipath', 'parted', 'ps', 'udev/sda', 'udev/sda1'],
      ...['ip_route', 'lspci', 'nvme', 'smartctl/sda', 'agent/config', 'manifest.json'],
    ]);
    expect(ports.tools.unused()).toEqual([]);
    expect(String(files.get('df'))).toBe('df -a\n');
    const { members, skipped } = manifestOf(files);
    expect(skipped).toEqual([]);
    const ms = expect.any(Number);
    expect(members).toContainEqual({ member: 'df', duration_ms: ms, exit_code: 0, bytes: 6 });
    expect(members).toContainEqual(expect.objectContaining({ member: 'smartctl/sda', exit_code: 64 }));
    expect(members).toHaveLength(files.size - 1);
  });

  it('says in the manifest what is missing and why', async () => {
    const calls: readonly RecordedCall[] = [
      journal('boot\n'),
      { argv: ['dmesg'], out: 'kernel\n' },
      { argv: ['df', '-a'], exit: 1, err: 'stale' },
      { argv: ['ps', 'au'], exit: 1, out: 'USER PID\n' },
    ];
    const files = await unpack(await collectSystemLogs(portsOf(calls), options));
    // In a ramdisk nobody sits at a terminal: that is no failure of ps.
    expect([...files.keys()]).toEqual(['journal', 'dmesg', 'ps', 'agent/config', 'manifest.json']);
    const { skipped } = manifestOf(files);
    expect(skipped).toContainEqual({
      member: 'df',
      duration_ms: expect.any(Number),
      reason: expect.stringContaining('stale'),
    });
    expect(skipped.map(({ member }: { member: string }) => member)).toContain('mdstat');
  });

  it('has the udev properties of every block device, as udev shows them', async () => {
    const entries = {
      '/sys/class/block/sda/dev': '8:0\n',
      '/sys/class/block/sda/uevent': 'MAJOR=8\nMINOR=0\nDEVNAME=sda\nDEVTYPE=disk\n',
      '/sys/class/block/loop0/dev': '7:0\n',
      '/run/udev/data/b8:0': 'S:disk/by-id/ata-X\nS:disk/by-path/p\nE:ID_MODEL=X\nE:ID_SERIAL=Y\n',
    };
    const files = await unpack(await collectSystemLogs(portsOf([], entries), options));
    expect(JSON.parse(String(files.get('udev/sda')))).toEqual({
      ...{ SUBSYSTEM: 'block', MAJOR: '8', MINOR: '0', DEVNAME: '/dev/sda', DEVTYPE: 'disk' },
      ...{ DEVLINKS: '/dev/disk/by-id/ata-X /dev/disk/by-path/p', ID_MODEL: 'X', ID_SERIAL: 'Y' },
    });
    expect(files.has('udev/loop0')).toBe(true);
  });

  it('keeps the newest bytes of the journal, masks secrets and spares other bytes', async () => {
    const text = `${'old\n'.repeat(300)}token=abcdef12 s3cr3t-tök end\n`;
    const raw = Buffer.from([0xff, 0xfe, 0x00, 0x80]);
    const entries = { '/proc/mdstat': { base64: raw.toString('base64') } };
    const files = await unpack(await collectSystemLogs(portsOf([journal(text)], entries), options));
    const kept = String(files.get('journal'));
    expect(kept.endsWith('token=****** ****** end\n')).toBe(true);
    expect(kept.length).toBeLessThanOrEqual(640);
    expect(files.get('mdstat')).toEqual(raw);
    expect(manifestOf(files).members).toContainEqual(expect.objectContaining({ member: 'journal', cut: true }));
  });

  it('takes /var/log where there is no journal, no file twice, and the newest lines of each', async () => {
    const long = Array.from({ length: 200 }, (_, n) => `line ${n}\n`).join('');
    const entries = {
      '/var/log/syslog': 'line\n',
      '/var/log/apt/history.log': 'h\n',
      '/var/log/ipa/agent.log': long,
      '/srv/agent.log.1': 'older\n',
    };
    const logPaths = ['/var/log/ipa/agent.log', '/var/log/ipa/', '/srv/agent.log.1', '/srv/absent'];
    const files = await unpack(await collectSystemLogs(portsOf([], entries), { ...options, logPaths }));
    expect([...files.keys()]).toEqual([
      ...['var/log/apt/history.log', 'var/log/ipa/agent.log', 'var/log/syslog', 'srv/agent.log.1'],
      ...['agent/config', 'manifest.json'],
    ]);
    const kept = String(files.get('var/log/ipa/agent.log'));
    expect(kept.length).toBeLessThanOrEqual(640);
    expect(kept).toMatch(/^line \d+\n[\s\S]*line 199\n$/);
  });

  it('stays within its size: the state of the agent and the journal come first, the rest is cut or skipped', async () => {
    const calls = [
      journal('boot\n'.repeat(20)),
      call('df -a', 'mounted\n'.repeat(100)),
      call('dmesg', 'kernel line\n'.repeat(100)),
      call('mount', 'm\n'),
    ];
    const files = await unpack(await collectSystemLogs(portsOf(calls), { ...options, maxTotalBytes: 1000 }));
    const total = [...files]
      .filter(([name]) => name !== 'manifest.json')
      .reduce((sum, [, data]) => sum + data.length, 0);
    expect(total).toBeLessThanOrEqual(1000);
    expect([files.has('agent/config'), files.has('journal'), files.has('df')]).toEqual([true, true, true]);
    expect(String(files.get('dmesg'))).toMatch(/^(kernel line\n)+$/);
    const { members, skipped } = manifestOf(files);
    expect(members).toContainEqual(expect.objectContaining({ member: 'dmesg', cut: true }));
    expect([...members, ...skipped]).toContainEqual(expect.objectContaining({ member: 'mount' }));
  });

  it('ends in time although every program hangs and none can be ended', async () => {
    const clock = createFakeClock();
    const asked: string[] = [];
    const hanging: Tools = {
      run: (tool) => {
        asked.push(tool.bin);
        return new Promise(() => undefined);
      },
    };
    const entries = { '/proc/mdstat': 'md\n' };
    const collecting = collectSystemLogs(
      { ...portsOf([], entries), tools: hanging, clock },
      { ...options, budgetMs: 45_000 },
    );
    let ended = false;
    void collecting.then(() => {
      ended = true;
    });
    await clock.asleep();
    for (let waited = 0; waited < 45_000 && !ended; waited += 500) await clock.advance(500);
    const files = await unpack(await collecting);
    expect(clock.elapsed()).toBeLessThanOrEqual(45_000);
    expect(asked).toContain('nvme');
    expect([...files.keys()]).toEqual(['mdstat', 'agent/config', 'manifest.json']);
    const reasons = manifestOf(files).skipped.map(({ reason }: { reason: string }) => reason);
    expect(reasons.length).toBeGreaterThan(14);
    for (const reason of reasons) expect(reason).toMatch(/not done within|no time was left/);
  });

  it('is given up when the caller gives up', async () => {
    const gone = AbortSignal.abort(new Error('the client is gone'));
    await expect(collectSystemLogs(portsOf([]), options, gone)).rejects.toThrow('the client is gone');
  });
});
