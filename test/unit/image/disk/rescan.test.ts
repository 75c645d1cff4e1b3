import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../../src/core/index.ts';
import { rescan } from '../../../../src/image/disk/index.ts';
import { recordedTools } from '../../../kit/recorded-tools.ts';

const { signal } = new AbortController();
const settle = ['udevadm', 'settle', '--timeout=30'];

/** Command lines, when each of them succeeds. */
async function asked(device: string, calls: readonly (readonly string[])[], exit = 0) {
  const tools = recordedTools(calls.map((argv) => ({ argv, exit })));
  await rescan({ tools, log: silentLog }, device, signal);
  expect(tools.unused()).toEqual([]);
  return tools.asked.length;
}

describe('looking for the partitions of a disk again', () => {
  it('asks the kernel', async () => {
    const [reread, update] = [
      ['blockdev', '--rereadpt', '/dev/sda'],
      ['partx', '--update', '/dev/sda'],
    ];
    expect(await asked('/dev/sda', [settle, reread, update, settle])).toBe(4);
  });

  it.each(['/dev/dm-0', '/dev/mapper/mpatha'])(
    'asks kpartx for %s, of which the kernel has no partitions',
    async (map) => {
      expect(await asked(map, [settle, ['kpartx', '-u', '-s', '-p', '-part', map], settle])).toBe(3);
    },
  );

  it('goes on when everything fails', async () => {
    expect(await asked('/dev/dm-0', [settle, ['kpartx', '-u', '-s', '-p', '-part', '/dev/dm-0'], settle], 5)).toBe(3);
  });
});
