import { describe, expect, it } from 'vitest';
import { GiB, type Log, MiB, type Progress, silentLog } from '../../../../src/core/index.ts';
import { cpuinfoItems, planCpu } from '../../../../src/hardware/extra-hardware/benchmarks/cpu.ts';
import { type BenchmarkDisk, planDisks } from '../../../../src/hardware/extra-hardware/benchmarks/disk.ts';
import { benchmarkNames, benchmarksMs } from '../../../../src/hardware/extra-hardware/benchmarks/index.ts';
import { planMemory } from '../../../../src/hardware/extra-hardware/benchmarks/memory.ts';
import { processorsOf } from '../../../../src/hardware/extra-hardware/benchmarks/processors.ts';
import {
  fairShare,
  type Measurement,
  measureAll,
  mostThreads,
} from '../../../../src/hardware/extra-hardware/benchmarks/run.ts';
import { createFiles, createTools, systemClock } from '../../../../src/system/index.ts';
import { type Entries, memoryFiles } from '../../../kit/memory-files.ts';

const { signal } = new AbortController();
/** Each thread did so many loops in a second. */
const done = (threads: number, loops: number) => Array.from({ length: threads }, () => ({ loops, ms: 1000 }));
const within = (maxMs: number) => ({ maxMs, maxThreads: 512 });
const totalMs = (plan: readonly Measurement[]) => plan.reduce((sum, { ms }) => sum + ms, 0);
const fieldsOf = (plan: readonly Measurement[]) =>
  plan.flatMap(({ itemsOf, works }) =>
    itemsOf(done(works().length, 100)).map(([, thing, field]) => `${thing} ${field}`),
  );

describe('time', () => {
  it.each([
    [3_000, 2, 60_000, 3_000],
    [5_000, 100, 600_000, 3_750],
    [5_000, 1_000, 600_000, 375],
    [1_000, 0, 60_000, 1_000],
  ])('%i ms each, %i times, at most %i ms: %i ms', (each, count, max, ms) => {
    expect(fairShare(each, count, max)).toBe(ms);
  });

  it('of all benchmarks is below a quarter of an hour', () => {
    expect(benchmarkNames).toEqual(['cpu', 'mem', 'disk']);
    expect(benchmarksMs(benchmarkNames)).toBeLessThan(900_000);
    expect(benchmarksMs(['cpu', 'unknown'])).toBe(benchmarksMs(['cpu']));
  });
});

describe('threads', () => {
  it.each([
    [0, 1],
    [64 * MiB, 2],
    [2 * GiB, 64],
    [64 * GiB, 512],
  ])('with %i bytes of memory free: at most %i', (available, threads) => {
    expect(mostThreads(available)).toBe(threads);
  });

  it('are fewer than CPUs or disks where memory is short, and the line says so', () => {
    const limits = { maxMs: 600_000, maxThreads: 3 };
    const processors = { count: 8, firsts: [0] };
    const cpu = planCpu(processors, limits).at(-1);
    expect([cpu?.on, cpu?.works().length]).toEqual(['3 of 8 CPUs', 3]);
    const memory = planMemory(processors, GiB, limits).at(-1);
    expect([memory?.on, memory?.works().length]).toEqual([
      'memory by blocks of 128M from 3 of 8 CPUs, a block each',
      3,
    ]);
    const disk = { kname: 'sda', path: '/dev/sda', size: GiB };
    expect(planDisks([disk], () => 1, limits).map(({ works }) => works().length)).toEqual([3, 3]);
  });
});

describe('processors', () => {
  const cpus = '/sys/devices/system/cpu';
  const topology = (packages: Readonly<Record<number, string>>): Entries =>
    Object.fromEntries(
      Object.entries(packages).map(([cpu, id]) => [`${cpus}/cpu${cpu}/topology/physical_package_id`, `${id}\n`]),
    );

  it.each<[string, Entries, number, readonly number[]]>([
    ['two sockets', { [`${cpus}/online`]: '0-3\n', ...topology({ 0: '0', 1: '1', 2: '0', 3: '1' }) }, 4, [0, 1]],
    [
      'numbers with a gap',
      { [`${cpus}/online`]: '0-1,4-5', ...topology({ 0: '0', 1: '0', 4: '3', 5: '3' }) },
      4,
      [0, 4],
    ],
    ['no topology', { [`${cpus}/online`]: '0-1' }, 2, [0]],
    ['nothing', {}, 1, [0]],
  ])('of %s', async (_case, files, count, firsts) => {
    expect(await processorsOf(memoryFiles(files))).toEqual({ count, firsts });
  });

  it('have what the kernel knows of them', () => {
    const text = [
      'processor\t: 0\nbogomips\t: 4590.60\ncache size\t: 512 KB\n',
      'processor\t: 10\nbogomips\t: 4600.00\ncache size\t: 1024 KB\n',
      'processor\t: 1\nBogoMIPS\t: 243.75\n',
    ].join('\n');
    expect(cpuinfoItems(text, { count: 3, firsts: [1, 10] })).toEqual([
      ['cpu', 'logical_1', 'bogomips', '243.75'],
      ['cpu', 'logical_10', 'bogomips', '4600.00'],
      ['cpu', 'logical_10', 'cache_size', '1024KB'],
    ]);
  });

  it('are measured one of each socket, bound to it, then all at once', () => {
    const plan = planCpu({ count: 8, firsts: [0, 4] }, within(60_000));
    expect(plan.map(({ cpu, works }) => [cpu, works().length])).toEqual([
      [0, 1],
      [4, 1],
      [null, 8],
    ]);
    expect(plan[2]?.itemsOf(done(8, 100.4))).toEqual([['cpu', 'logical', 'loops_per_sec', '803']]);
    expect(fieldsOf(plan)).toEqual(['logical_0 loops_per_sec', 'logical_4 loops_per_sec', 'logical loops_per_sec']);
    const large = planCpu({ count: 4096, firsts: [0] }, within(60_000));
    expect(large.at(-1)?.works()).toHaveLength(512);
  });
});

describe('memory', () => {
  it('has the fields of the reference, from one CPU of each socket and from all', () => {
    const plan = planMemory({ count: 2, firsts: [0] }, 64 * MiB, within(120_000));
    expect(fieldsOf(plan)).toEqual([
      ...['1K', '4K', '1M', '16M'].map((block) => `logical_0 bandwidth_${block}`),
      ...['1K', '4K', '1M', '16M'].map((block) => `logical threaded_bandwidth_${block}`),
      ...['1K', '4K', '1M', '16M'].map((block) => `logical forked_bandwidth_${block}`),
    ]);
    const [, , million] = plan;
    expect(million?.itemsOf(done(1, 7.6))).toEqual([['cpu', 'logical_0', 'bandwidth_1M', '8']]);
  });

  it('never takes more than half of what is free, and knows no threads on one CPU', () => {
    const of = (available: number) =>
      planMemory({ count: 4, firsts: [0] }, available, within(120_000)).filter(({ on }) => on.includes('block each'))
        .length;
    expect([of(64 * GiB), of(16 * GiB), of(16 * GiB - 1), of(0)]).toEqual([7, 7, 6, 0]);
    const single = planMemory({ count: 1, firsts: [0] }, 64 * GiB, within(120_000));
    expect(single).toHaveLength(7);
  });

  it('of eight sockets keeps to its time', () => {
    const firsts = [0, 1, 2, 3, 4, 5, 6, 7];
    expect(totalMs(planMemory({ count: 512, firsts }, 4096 * GiB, within(120_000))) * 1.2).toBeLessThanOrEqual(90_000);
  });
});

describe('disks', () => {
  const disk = (kname: string, size = 480 * GiB): BenchmarkDisk => ({ kname, path: `/dev/${kname}`, size });
  const seed = () => 1;

  it('are read alone and together, in order and at random', () => {
    const plan = planDisks([disk('sda'), disk('sdb'), disk('sdc', MiB)], seed, within(600_000));
    const modes = (mode: string, pattern: string) => [`${mode}_${pattern}_KBps`, `${mode}_${pattern}_IOps`];
    const [alone, together] = ['standalone', 'simultaneous'].map((mode) =>
      ['read_1M', 'randread_4k'].map((pattern) => modes(mode, pattern)),
    );
    expect(fieldsOf(plan)).toEqual([
      ...['sda', 'sdb'].flatMap((name) => alone?.flat().map((field) => `${name} ${field}`)),
      ...(together ?? []).flatMap((fields) => ['sda', 'sdb'].flatMap((name) => fields.map((f) => `${name} ${f}`))),
    ]);
    expect(plan[0]?.itemsOf(done(8, 50))).toEqual([
      ['disk', 'sda', 'standalone_read_1M_KBps', '409600'],
      ['disk', 'sda', 'standalone_read_1M_IOps', '400'],
    ]);
    expect(
      plan
        .at(-1)
        ?.itemsOf([...done(8, 50), ...done(8, 10)])
        .map(([, name, , value]) => [name, value]),
    ).toEqual([
      ['sda', '1600'],
      ['sda', '400'],
      ['sdb', '320'],
      ['sdb', '80'],
    ]);
  });

  it.each([
    [1, 2, 8],
    [16, 34, 128],
    [60, 122, 120],
    [128, 258, 128],
    [129, 258, 8],
  ])('of %i disks: %i measurements, %i threads at the end', (count, measurements, threads) => {
    const plan = planDisks(
      Array.from({ length: count }, (_none, at) => disk(`sd${at}`)),
      seed,
      within(600_000),
    );
    expect(plan).toHaveLength(measurements);
    expect(plan.at(-1)?.works()).toHaveLength(threads);
    expect(totalMs(plan) * 1.2).toBeLessThanOrEqual(450_000);
  });
});

describe('a row of measurements', () => {
  const fill = { kind: 'fill', blockBytes: 1024, shared: null } as const;
  const good = (on: string, cpu: number | null = null): Measurement => ({
    on,
    cpu,
    ms: 20,
    works: () => [fill],
    itemsOf: ([first]) => [['cpu', on, 'loops', first === undefined ? 0 : Math.sign(first.loops)]],
  });
  const broken: Measurement = {
    ...good('broken'),
    works: () => [{ kind: 'read', path: '/nonexistent', into: new Uint8Array(8), blocks: 1, next: null, seed: 1 }],
  };
  const ports = (log: Log = silentLog) => ({
    files: createFiles(),
    tools: createTools(silentLog),
    clock: systemClock,
    log,
  });

  it('goes on after one that fails, and shows how far it is', async () => {
    const warned: unknown[] = [];
    const told: Progress[] = [];
    const log: Log = { ...silentLog, warn: (event, fields) => void warned.push([event, fields]) };
    const running = { ports: ports(log), tell: (p: Progress) => void told.push(p), name: 'mem', maxMs: 60_000 };
    const items = await measureAll(running, [good('a'), broken, good('b', 0)], signal);
    expect(items).toEqual([
      ['cpu', 'a', 'loops', 1],
      ['cpu', 'b', 'loops', 1],
    ]);
    expect(warned).toEqual([
      [
        'extra_hardware.benchmark.failed',
        { benchmark: 'mem', on: 'broken', reason: expect.stringContaining('/nonexistent') },
      ],
    ]);
    expect(told.map(({ phase, done: at, total, on }) => [phase, at, total, on])).toEqual([
      ['benchmark mem', 0, 3, 'a'],
      ['benchmark mem', 1, 3, 'broken'],
      ['benchmark mem', 2, 3, 'b'],
      ['benchmark mem', 3, 3, undefined],
    ]);
  });

  it('measures a CPU that it cannot bind to all the same', async () => {
    const warned: string[] = [];
    const log: Log = { ...silentLog, warn: (event) => void warned.push(event) };
    const running = { ports: ports(log), tell: () => undefined, name: 'cpu', maxMs: 60_000 };
    expect(await measureAll(running, [good('far', 100_000)], signal)).toEqual([['cpu', 'far', 'loops', 1]]);
    expect(warned).toEqual(['extra_hardware.benchmark.unbound']);
  });

  it('stops where its time ends, and at once when told to', async () => {
    const long = { ...good('long'), ms: 60_000 };
    const running = { ports: ports(), tell: () => undefined, name: 'mem', maxMs: 3_000 };
    expect(await measureAll(running, [good('short'), long, good('never')], signal)).toEqual([
      ['cpu', 'short', 'loops', 1],
    ]);
    const stop = new AbortController();
    const stopped = measureAll({ ...running, maxMs: 60_000 }, [long], stop.signal);
    setTimeout(() => stop.abort(new Error('shutting down')), 100);
    await expect(stopped).rejects.toThrow('shutting down');
  });
});
