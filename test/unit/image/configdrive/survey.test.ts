import { describe, expect, it } from 'vitest';
import { MiB, silentLog } from '../../../../src/core/index.ts';
import { partitionsOf } from '../../../../src/image/configdrive/survey.ts';
import { createFakeClock } from '../../../kit/fake-clock.ts';
import { type Entries, memoryFiles } from '../../../kit/memory-files.ts';
import { recordedTools } from '../../../kit/recorded-tools.ts';

/** Of blkid: nothing was found; several file systems claim the device. */
const exits: Readonly<Record<string, number>> = { '': 2, ' ': 8 };
const { signal } = new AbortController();
const sys = '/sys/class/block';

/** Partition `number` of a disk, 64 MiB in size. */
const part = (disk: string, number: number): Entries => ({
  [`${sys}/${disk}/${disk}p${number}/partition`]: `${number}`,
  [`${sys}/${disk}p${number}/partition`]: `${number}`,
  [`${sys}/${disk}p${number}/size`]: '131072',
});

/** A device-mapper device, and the device that it stands on. */
const mapping = (kname: string, uuid: string, below?: string): Entries => ({
  ...(below === undefined ? {} : { [`${sys}/${below}/holders/${kname}`]: { link: `../../${kname}` } }),
  [`${sys}/${kname}/dm/uuid`]: uuid,
  [`${sys}/${kname}/size`]: '131072',
});

async function partitionsFound(disk: string, entries: Entries, labels: Readonly<Record<string, string>>) {
  const tools = recordedTools(
    Object.entries(labels).map(([device, out]) => ({
      argv: ['blkid', '--probe', '-s', 'LABEL', '-o', 'value', device],
      out,
      exit: exits[out] ?? 0,
    })),
  );
  const ports = { tools, files: memoryFiles(entries), clock: createFakeClock({ auto: true }), log: silentLog };
  const found = await partitionsOf(ports, disk, signal);
  expect(tools.unused()).toEqual([]);
  return found;
}

describe('the partitions that a config drive may stand on', () => {
  it('are those of a plain disk', async () => {
    const labels = { '/dev/nvme0n1p2': 'config-2\n', '/dev/nvme0n1p10': '' };
    expect(await partitionsFound('nvme0n1', { ...part('nvme0n1', 10), ...part('nvme0n1', 2) }, labels)).toEqual([
      { number: 2, device: '/dev/nvme0n1p2', bytes: 64 * MiB, label: 'config-2' },
      { number: 10, device: '/dev/nvme0n1p10', bytes: 64 * MiB, label: null },
    ]);
  });

  it('are also those that two file systems claim', async () => {
    expect(await partitionsFound('sda', part('sda', 1), { '/dev/sdap1': ' ' })).toMatchObject([{ label: null }]);
  });

  it('are the mappings above a multipath map, and no other ones', async () => {
    const entries = {
      ...mapping('dm-0', 'mpath-3600'),
      ...mapping('dm-4', 'part2-mpath-3600', 'dm-0'),
      ...mapping('dm-1', 'part1-mpath-3600', 'dm-0'),
      ...mapping('dm-2', 'LVM-abc', 'dm-1'),
      ...mapping('dm-3', 'CRYPT-abc', 'dm-0'),
    };
    expect(await partitionsFound('dm-0', entries, { '/dev/dm-1': '', '/dev/dm-4': 'config-2\n' })).toEqual([
      { number: 1, device: '/dev/dm-1', bytes: 64 * MiB, label: null },
      { number: 2, device: '/dev/dm-4', bytes: 64 * MiB, label: 'config-2' },
    ]);
  });
});
