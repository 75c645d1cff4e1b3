import { describe, expect, it } from 'vitest';
import { GiB, KiB, MiB } from '../../../../src/core/index.ts';
import { planStaging } from '../../../../src/image/foreign/index.ts';

const ENDS = 20 * KiB;
const need = { id: 'img', format: 'vmdk', imageBytes: 3 * GiB, virtualSize: 40 * GiB };
const room = {
  disk: '/dev/sda',
  diskBytes: 100 * GiB,
  tailStart: 100 * GiB - ENDS,
  freeMemory: 8 * GiB,
  scratchBytes: 4 * GiB,
};
const onDisk = (bytes: number) => ({ ...room, diskBytes: bytes, tailStart: bytes - ENDS });

describe('where an image is staged', () => {
  it.each([
    ['at the end of the disk, before its last sectors', need, room, 'disk', 97 * GiB - MiB],
    ['exactly behind the content', need, onDisk(43 * GiB + MiB), 'disk', 40 * GiB],
    ['in memory when one mebibyte is missing', need, onDisk(43 * GiB), 'memory', 0],
    ['on the disk however little memory there is', need, { ...room, freeMemory: 0 }, 'disk', 97 * GiB - MiB],
    [
      'never over the front of the disk',
      { ...need, virtualSize: 512, imageBytes: 3 * MiB },
      onDisk(4 * MiB + 19 * KiB),
      'memory',
      0,
    ],
    [
      'in memory that is just enough',
      need,
      { ...onDisk(41 * GiB), freeMemory: 3 * GiB + 256 * MiB, scratchBytes: 3 * GiB },
      'memory',
      0,
    ],
  ])('%s', (_, wanted, there, kind, offset) => {
    expect(planStaging(wanted, there)).toMatchObject({ kind, offset, imageBytes: wanted.imageBytes });
  });

  it('takes full sectors', () => {
    const plan = planStaging({ ...need, imageBytes: 10_000 }, room);
    expect(plan).toEqual({ kind: 'disk', offset: 100 * GiB - MiB, imageBytes: 10_000, bytes: 12_288 });
  });

  it.each([
    ['free memory', { freeMemory: 3 * GiB + 255 * MiB }, /memory has room for 3.0 GiB/],
    ['room in the file system', { scratchBytes: 2 * GiB }, /memory has room for 2.0 GiB/],
    ['a number', { freeMemory: 0 }, /its 3.0 GiB do not fit behind its content of 40.0 GiB on \/dev\/sda.*41.0 GiB/],
  ])('refuses for want of %s, with the numbers', (_, less, message) => {
    expect(() => planStaging(need, { ...onDisk(41 * GiB), ...less })).toThrow(message);
  });

  it('refuses an image of unknown length', () => {
    expect(() => planStaging({ ...need, imageBytes: null }, room)).toThrow(/does not announce the length/);
  });
});
