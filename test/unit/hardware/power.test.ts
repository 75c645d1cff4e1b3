import { afterEach, describe, expect, it, vi } from 'vitest';
import { silentLog } from '../../../src/core/index.ts';
import { fullSync, powerOff, reboot, setLinksDown } from '../../../src/hardware/index.ts';
import { systemClock, type Tools } from '../../../src/system/index.ts';
import { type Entries, memoryFiles } from '../../kit/memory-files.ts';
import { type RecordedCall, recordedTools } from '../../kit/recorded-tools.ts';

const LSBLK = 'lsblk -bia --json -oKNAME,MODEL,SIZE,ROTA,TYPE,UUID,PARTUUID,SERIAL,WWN,LOG-SEC,PHY-SEC,TRAN'.split(' ');
const settle: RecordedCall = { argv: ['udevadm', 'settle', '--timeout=30'] };
const oneDisk: RecordedCall = { argv: LSBLK, out: '{"blockdevices":[{"kname":"sda","type":"disk","size":1000}]}' };
const syncing: readonly RecordedCall[] = [
  { argv: ['sync'] },
  settle,
  oneDisk,
  { argv: ['blockdev', '--flushbufs', '/dev/sda'] },
];
const portsOf = (calls: readonly RecordedCall[], entries: Entries = {}) => ({
  tools: recordedTools(calls),
  files: memoryFiles(entries),
  clock: systemClock,
  log: silentLog,
});
const CHRONY = ['chronyd', '-q', 'server 10.0.0.1 iburst'];
const clock: RecordedCall = { argv: ['hwclock', '-v', '--systohc'] };

afterEach(() => {
  vi.restoreAllMocks();
});

describe('power and sync (steps 7.5)', () => {
  it('syncs, drops caches and flushes every disk', async () => {
    const ports = portsOf(syncing);
    await fullSync(ports);
    expect(ports.tools.unused()).toEqual([]);
    expect(ports.files.written).toEqual(['/proc/sys/vm/drop_caches=3']);
  });

  it('fails when sync fails, not when a flush does', async () => {
    await expect(fullSync(portsOf([{ argv: ['sync'], exit: 1 }]))).rejects.toMatchObject({ type: 'ToolFailed' });
    await fullSync(portsOf([...syncing.slice(0, 3), { argv: ['blockdev', '--flushbufs', '/dev/sda'], exit: 1 }]));
  });

  it('asks init and leaves sysrq alone', async () => {
    const ports = portsOf([...syncing, clock, { argv: ['poweroff'] }]);
    await powerOff(ports, { ntpServer: null });
    expect(ports.files.written).toEqual(['/proc/sys/vm/drop_caches=3']);
  });

  it('asks init although a dying disk does not let sync end', async () => {
    // The minute in a moment.
    const real = AbortSignal.timeout;
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => real.call(AbortSignal, ms / 1000));
    const ports = portsOf([clock, { argv: ['poweroff'] }]);
    const never = new Promise<never>(() => undefined);
    const tools: Tools = {
      run: (tool, input, signal) => (tool.bin === 'sync' ? never : ports.tools.run(tool, input, signal)),
    };
    await powerOff({ ...ports, tools }, { ntpServer: null });
    expect(ports.tools.asked).toEqual(['hwclock -v --systohc', 'poweroff']);
  });

  it.each<readonly [string, RecordedCall]>([
    ['fails', { argv: ['reboot'], exit: 1, err: 'no bus' }],
    ['ignores the request', { argv: ['reboot'], err: 'Running in chroot, ignoring request.' }],
  ])('falls back to sysrq when init %s', async (_name, call) => {
    const ports = portsOf([{ ...clock, exit: 1 }, { argv: ['sync'], exit: 1 }, call]);
    await reboot(ports, { ntpServer: null });
    expect(ports.files.written).toEqual(['s', 'u', 'b'].map((key) => `/proc/sysrq-trigger=${key}`));
  });

  it('says so when the kernel refuses too', async () => {
    const ports = portsOf([clock, ...syncing, { argv: ['poweroff'], exit: 1, err: 'no bus' }]);
    const files = { ...ports.files, poke: () => Promise.reject(new Error('EACCES')) };
    await expect(powerOff({ ...ports, files }, { ntpServer: null })).rejects.toMatchObject({
      type: 'SystemRebootError',
      details: expect.stringMatching(/no bus.*EACCES.*BMC/),
    });
  });

  it.each<readonly [string, readonly RecordedCall[]]>([
    ['chrony', [{ argv: ['chronyd', '-h'] }, { argv: ['chronyc', 'shutdown'], exit: 1 }, { argv: CHRONY }]],
    [
      'ntpdate, without chrony',
      [{ argv: ['chronyd', '-h'], exit: 127 }, { argv: ['ntpdate', '-v'], exit: 1 }, { argv: ['ntpdate', '10.0.0.1'] }],
    ],
    ['nothing, when the server is silent', [{ argv: ['chronyd', '-h'] }, { argv: ['chronyc', 'shutdown'] }]],
  ])('sets the clock by %s, stores it, and powers off whatever came of it', async (_name, calls) => {
    const ports = portsOf([...syncing, ...calls, clock, { argv: ['poweroff'] }]);
    await powerOff(ports, { ntpServer: '10.0.0.1' });
    expect(ports.tools.unused()).toEqual([]);
    expect(ports.tools.asked.slice(-2)).toEqual(['hwclock -v --systohc', 'poweroff']);
  });

  it('takes all links down that are up, but the loopback, whatever one says', async () => {
    const down = (nic: string) => ['ip', 'link', 'set', 'dev', nic, 'down'];
    const entries = {
      '/sys/class/net/bonding_masters': 'bond0',
      '/sys/class/net/lo/flags': '0x9\n',
      '/sys/class/net/eth0/flags': '0x1003\n',
      '/sys/class/net/eth1/flags': '0x1003\n',
      '/sys/class/net/eth2/flags': '0x1002\n',
    };
    const ports = portsOf([{ argv: down('eth0'), exit: 2 }, { argv: down('eth1') }], entries);
    await setLinksDown(ports);
    expect(ports.tools.unused()).toEqual([]);
  });
});
