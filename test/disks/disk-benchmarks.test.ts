import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { MiB, silentLog, tellNobody } from '../../src/core/index.ts';
import { planDisks } from '../../src/hardware/extra-hardware/benchmarks/disk.ts';
import { runBenchmarks } from '../../src/hardware/extra-hardware/benchmarks/index.ts';
import { measureAll } from '../../src/hardware/extra-hardware/benchmarks/run.ts';
import type { Item } from '../../src/hardware/extra-hardware/item.ts';
import { createFiles, systemClock } from '../../src/system/index.ts';
import { createLoopDevice, type LoopDevice, run, toolsForLoops } from '../kit/loop-device.ts';

const { signal } = new AbortController();
const loops: LoopDevice[] = [];
afterEach(() => {
  for (const loop of loops.splice(0)) {
    // The kernel keeps the setting for whoever gets the device next.
    run('blockdev', '--setrw', loop.path);
    loop.remove();
  }
});

function loop(sectorBytes: 512 | 4096 = 512): LoopDevice {
  const made = createLoopDevice(64 * MiB, sectorBytes);
  loops.push(made);
  made.write(1 * MiB, Buffer.from('what was there'));
  return made;
}

const ports = () => ({ files: createFiles(), tools: toolsForLoops(loops), clock: systemClock, log: silentLog });

/** Writes and discards that the kernel has seen on the device. */
function changesOf({ kname }: LoopDevice): readonly (string | undefined)[] {
  const counts = readFileSync(`/sys/class/block/${kname}/stat`, 'utf8').trim().split(/\s+/);
  return [counts[4], counts[6], counts[11]];
}

const numberOf = (items: readonly Item[], disk: LoopDevice, field: string) =>
  Number(items.find(([, name, label]) => name === disk.kname && label === field)?.[3]);

describe('benchmarks of disks', () => {
  it('read each alone and all together, and change nothing', async () => {
    const disks = [loop(), loop(4096)];
    // A write to a device that is set so fails.
    for (const { path } of disks) run('blockdev', '--setro', path);
    const before = disks.map((disk) => [disk.digest(), changesOf(disk)]);
    const plan = planDisks(
      disks.map(({ path, kname, bytes }) => ({ path, kname, size: bytes })),
      () => 7,
      { maxMs: 6_000, maxThreads: 512 },
    );
    const running = { ports: ports(), tell: tellNobody, name: 'disk', maxMs: 120_000 };
    const items = await measureAll(running, plan, signal);
    for (const disk of disks)
      for (const mode of ['standalone', 'simultaneous'])
        for (const [pattern, kilobytes] of [
          ['read_1M', 1024],
          ['randread_4k', 4],
        ] as const) {
          const perSecond = numberOf(items, disk, `${mode}_${pattern}_IOps`);
          expect(perSecond).toBeGreaterThan(0);
          const pace = numberOf(items, disk, `${mode}_${pattern}_KBps`) / kilobytes;
          expect(Math.abs(pace - perSecond)).toBeLessThanOrEqual(1);
        }
    expect(items).toHaveLength(16);
    expect(disks.map((disk) => [disk.digest(), changesOf(disk)])).toEqual(before);
  });

  it('leave out a disk that is gone, and go on with the next', async () => {
    const disk = loop();
    const plan = planDisks(
      [
        { path: '/dev/gone', kname: 'gone', size: 64 * MiB },
        { path: disk.path, kname: disk.kname, size: disk.bytes },
      ],
      () => 7,
      { maxMs: 6_000, maxThreads: 512 },
    );
    const running = { ports: ports(), tell: tellNobody, name: 'disk', maxMs: 120_000 };
    const items = await measureAll(running, plan, signal);
    expect(new Set(items.map(([, name, field]) => `${name} ${field}`))).toEqual(
      new Set(
        ['read_1M', 'randread_4k'].flatMap((p) => [
          `${disk.kname} standalone_${p}_KBps`,
          `${disk.kname} standalone_${p}_IOps`,
        ]),
      ),
    );
  });

  it('are of the disks that the machine has', async () => {
    const disk = loop();
    const items = await runBenchmarks(ports(), ['disk'], tellNobody, signal);
    expect(items.map(([group, name, field]) => [group, name, field])).toEqual(
      ['read_1M_KBps', 'read_1M_IOps', 'randread_4k_KBps', 'randread_4k_IOps'].map((field) => [
        'disk',
        disk.kname,
        `standalone_${field}`,
      ]),
    );
  });
});
