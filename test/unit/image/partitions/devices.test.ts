import { describe, expect, it } from 'vitest';
import { GiB, MiB, silentLog } from '../../../../src/core/index.ts';
import { awaitDevices } from '../../../../src/image/partitions/devices.ts';
import { planLayout } from '../../../../src/image/partitions/layout/index.ts';
import type { Tools } from '../../../../src/system/index.ts';
import { createFakeClock } from '../../../kit/fake-clock.ts';
import { type Entries, memoryFiles } from '../../../kit/memory-files.ts';

const { signal } = new AbortController();
const layout = planLayout({
  disk: { path: '/dev/nvme0n1', size: 4 * GiB, logicalSectorBytes: 512 },
  ...{ label: 'gpt', bootMode: 'bios', arch: 'x64', driveMib: 0, espMib: 550, biosBootMib: 1 },
  request: {
    ...{ rootMib: 100, swapMib: 0, ephemeralMib: 0, ephemeralFormat: 'ext4' },
    ...{ preserveEphemeral: false, deployBootMode: null },
  },
});

/** Partition `number` in sysfs; places in MiB. */
function part(number: number, start: number, mib: number, node = true): Entries {
  const sys = `/sys/class/block/nvme0n1/nvme0n1p${number}`;
  const alone = `/sys/class/block/nvme0n1p${number}`;
  return {
    [`${sys}/partition`]: `${number}\n`,
    [`${alone}/partition`]: `${number}\n`,
    [`${alone}/start`]: `${start * 2048}\n`,
    [`${alone}/size`]: `${mib * 2048}\n`,
    [`${alone}/dev`]: `259:${number}\n`,
    ...(node ? { [`/dev/nvme0n1p${number}`]: { kind: 'block' } } : {}),
  };
}

/** A kernel that shows `views` one after the other, each time it is told to look. */
function kernel(...views: readonly Entries[]) {
  let looks = 0;
  const tools: Tools = {
    run: async (tool, input) => {
      if (tool.argv(input).includes('--update')) looks += 1;
      return tool.parse({ exitCode: 0, stdout: '', stderr: '', bytes: new Uint8Array() }, input);
    },
  };
  const seen = views.map((entries) => memoryFiles(entries));
  const now = () => seen[Math.min(looks, seen.length) - 1] ?? memoryFiles({});
  const files = new Proxy(memoryFiles({}), { get: (_target, key) => Reflect.get(now(), key) });
  return { ports: { tools, files, clock: createFakeClock({ auto: true }), log: silentLog }, looks: () => looks };
}

const good = { ...part(1, 1, 1), ...part(2, 2, 100) };

describe('partitions that were just made', () => {
  it('are waited for and named as the kernel names them', async () => {
    const { ports, looks } = kernel({}, part(1, 1, 1), good);
    const devices = await awaitDevices(ports, layout, 5, signal);
    expect(devices.map(({ role, device, bytes }) => `${role} ${device} ${bytes / MiB}`)).toEqual([
      'bios-boot /dev/nvme0n1p1 1',
      'root /dev/nvme0n1p2 100',
    ]);
    expect(looks()).toBe(3);
  });

  it.each([
    ['missing', part(1, 1, 1), 'partition 2 (root) is missing'],
    ['old ones', { ...good, ...part(2, 2, 90) }, 'partition 2 (root) has another place or size than the table says'],
    ['elsewhere', { ...good, ...part(2, 3, 100) }, 'partition 2 (root) has another place or size than the table says'],
    ['too many', { ...good, ...part(3, 500, 1) }, '/dev/nvme0n1p3 is not expected'],
    ['without a node', { ...part(1, 1, 1, false), ...part(2, 2, 100) }, 'no device node /dev/nvme0n1p1'],
  ])('end the deployment when they are %s', async (_what, view, problem) => {
    const { ports, looks } = kernel(view);
    await expect(awaitDevices(ports, layout, 3, signal)).rejects.toMatchObject({
      type: 'DeploymentError',
      details: expect.stringContaining(problem),
    });
    expect(looks()).toBe(3);
  });
});
