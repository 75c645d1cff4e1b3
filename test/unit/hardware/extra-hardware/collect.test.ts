import { describe, expect, it } from 'vitest';
import { type Log, tellNobody } from '../../../../src/core/index.ts';
import { extraHardware, extraHardwareMs } from '../../../../src/hardware/index.ts';
import { systemClock, ToolMissing, type Tools, ToolTimedOut } from '../../../../src/system/index.ts';
import { asExtra } from '../../../kit/extra-hook.ts';
import { type Entries, memoryFiles } from '../../../kit/memory-files.ts';
import { type RecordedCall, recordedTools } from '../../../kit/recorded-tools.ts';

const { signal } = new AbortController();
const LAN = {
  argv: ['ipmitool', 'lan', 'print', '1'],
  out: 'IP Address : 192.0.2.9\nSNMP Community String : public-1\n',
};

interface Given {
  readonly calls?: readonly RecordedCall[];
  readonly files?: Entries;
  /** What the start of hardware-detect ends in. */
  readonly program?: Error;
}

function machine({ calls = [], files = {}, program }: Given) {
  const lines: string[] = [];
  const say = (level: string) => (event: string, fields?: unknown) =>
    void lines.push(`${level} ${event} ${JSON.stringify(fields)}`);
  const log: Log = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
  const recorded = recordedTools(calls);
  const tools: Tools = {
    run: (tool, input) =>
      tool.bin === 'hardware-detect' && program !== undefined ? Promise.reject(program) : recorded.run(tool, input),
  };
  return { ports: { tools, files: memoryFiles(files), clock: systemClock, log }, lines, asked: recorded.asked };
}

const collect = (given: ReturnType<typeof machine>, benchmarks: readonly string[] = []) =>
  extraHardware(given.ports, { benchmarks, tell: tellNobody }, signal);

const kernel = { '/proc/sys/kernel/osrelease': '6.1.0\n' };

describe('the program of the reference', () => {
  it('is asked where it is there, and its word is taken, but for rows that strict servers refuse', async () => {
    const rows = [
      ['cpu', 'physical', 'number', 2],
      ['system', 'product', 'serial', 'EX1'],
      ['system', 'product', 'name', null],
      ['cpu', 'physical_0', 'cores'],
      ['hw', 'auxv', 'flags', '0x0', 'more'],
      'row',
    ];
    const given = machine({ calls: [{ argv: ['hardware-detect'], out: JSON.stringify(rows) }] });
    expect(await collect(given)).toEqual(rows.slice(0, 2));
    expect(given.lines.join()).toContain(
      'extra_hardware.rows.refused {"program":"hardware-detect","refused":4,"kept":2}',
    );
  });

  it('makes the benchmarks itself, with more time', async () => {
    const argv = ['hardware-detect', '--benchmark', 'cpu', 'mem', 'disk'];
    expect(await collect(machine({ calls: [{ argv, out: '[]' }] }), argv.slice(2))).toEqual([]);
    expect(extraHardwareMs(argv.slice(2))).toBeGreaterThan(extraHardwareMs([]) + 600_000);
    // The conductor waits half an hour.
    expect(extraHardwareMs(argv.slice(2))).toBeLessThan(1_500_000);
  });

  it.each<[string, Given, string]>([
    ['is absent', { program: ToolMissing('hardware-detect is not installed') }, 'debug extra_hardware.program.unused'],
    [
      'fails',
      { calls: [{ argv: ['hardware-detect'], exit: 1, err: 'no lshw' }] },
      'warn extra_hardware.program.unused',
    ],
    [
      'prints no JSON',
      { calls: [{ argv: ['hardware-detect'], out: 'Traceback' }] },
      'warn extra_hardware.program.unused',
    ],
    ['prints no list', { calls: [{ argv: ['hardware-detect'], out: '{}' }] }, 'warn extra_hardware.program.unused'],
  ])('is done without when it %s', async (_case, more, line) => {
    const given = machine({ files: kernel, ...more });
    expect(asExtra(await collect(given))).toMatchObject({ system: { kernel: { version: '6.1.0' } } });
    expect(given.lines.some((said) => said.startsWith(line))).toBe(true);
  });

  it('leaves no time for benchmarks when it took all of it', async () => {
    const given = machine({ files: kernel, program: ToolTimedOut('hardware-detect did not finish within 1200 s') });
    let hours = 0;
    const clock = { ...systemClock, monotonic: () => 3_600_000 * hours++ };
    const extra = asExtra(await collect({ ...given, ports: { ...given.ports, clock } }, ['cpu']));
    expect(extra).toMatchObject({ system: { kernel: { version: '6.1.0' } } });
    expect(Object.keys(extra)).not.toContain('cpu');
    expect(given.lines.join()).toContain('extra_hardware.benchmarks.skipped');
  });
});

describe('the agent itself', () => {
  const program = ToolMissing('hardware-detect is not installed');

  it('does with nothing to read, and says what is missing', async () => {
    const given = machine({ program });
    expect(await collect(given)).toEqual([['system', 'rtc', 'utc', 'no']]);
    const incomplete = given.lines.filter((line) => line.includes('part.incomplete'));
    expect(
      ['disk', 'network', 'cpu', 'memory'].filter((part) => !incomplete.join().includes(`"part":"${part}"`)),
    ).toEqual([]);
  });

  it.each<[string, Entries, string | undefined]>([
    ['its own', { product_serial: 'EX1', product_uuid: 'u-1' }, 'EX1'],
    ['the UUID for a dummy', { product_serial: '0123456789', product_uuid: 'u-1', board_serial: 'B1' }, 'u-1'],
    ['the board for a dummy without UUID', { product_serial: '0000000000', board_serial: 'B1' }, 'B1'],
    ['the dummy when nothing else is known', { product_serial: '0123456789' }, '0123456789'],
    ['none when there is none', { product_uuid: 'u-1' }, undefined],
  ])('names the machine by %s', async (_case, entries, serial) => {
    const files = Object.fromEntries(
      Object.entries(entries).map(([name, text]) => [`/sys/class/dmi/id/${name}`, text]),
    );
    const items = await collect(machine({ program, files }));
    expect(items.find(([, thing, field]) => thing === 'product' && field === 'serial')?.[3]).toBe(serial);
  });

  it('says that the clock holds local time', async () => {
    const items = await collect(machine({ program, files: { '/etc/adjtime': '0.0 0 0\n0\nLOCAL\n' } }));
    expect(items).toContainEqual(['system', 'rtc', 'utc', 'yes']);
  });

  it('keeps the LAN of a BMC whose sensors fail, and its community to itself', async () => {
    const given = machine({ program, files: { '/dev/ipmi0': { kind: 'char' } }, calls: [LAN] });
    const extra = asExtra(await collect(given));
    expect(extra).toMatchObject({ system: { ipmi: { channel: 1 } }, ipmi: { lan: { 'ip-address': '192.0.2.9' } } });
    expect(JSON.stringify(extra)).not.toContain('public-1');
    expect(given.lines.join()).toContain('sensors unknown');
  });

  it('asks no BMC where there is none', async () => {
    const given = machine({ program });
    await collect(given);
    expect(given.asked.filter((command) => command.startsWith('ipmitool'))).toEqual([]);
  });

  it('ends when told to', async () => {
    const stop = new AbortController();
    stop.abort(new Error('shutting down'));
    const { ports } = machine({ program });
    const asked = extraHardware(ports, { benchmarks: ['cpu'], tell: tellNobody }, stop.signal);
    await expect(asked).rejects.toThrow('shutting down');
  });
});
