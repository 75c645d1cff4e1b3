import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AgentError, MiB } from '../../../../src/core/index.ts';
import { fatSectorBytes, readFat } from '../../../../src/image/configdrive/fat.ts';
import { becomesFat } from '../../../../src/image/configdrive/index.ts';
import { configDriveFat } from '../../../kit/config-drive-fat.ts';

const tree: Readonly<Record<string, string>> = {
  'openstack/latest/meta_data.json': '{"hostname":"n1"}',
  'openstack/latest/user_data': '#!/bin/sh\n'.repeat(9000),
  'openstack/content/0000': '',
  'ec2/2009-04-04/meta-data.json': '{}',
  'a file with Blanks and CAPITALS.txt': 'x',
  '.hidden': 'h',
  'UPPER.TXT': 'u',
  'lower.txt': 'l',
  [`${'long'.repeat(60)}.txt`]: 'the longest names have 255 characters',
  ...Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`many/file number ${at}`, `${at}`])),
};
const fatOf = (mib: number, ...flags: string[]) => configDriveFat(tree, { bytes: mib * MiB, flags });
const textOf = (image: Uint8Array) =>
  Object.fromEntries(readFat(image).map(({ path, bytes }) => [path, Buffer.from(bytes).toString('utf8')]));

describe('a FAT config drive', () => {
  it.each([
    [3, ['-F', '12', '-s', '2'], 512],
    [16, ['-F', '16'], 512],
    [40, ['-F', '32'], 512],
    [40, ['-F', '16', '-S', '2048'], 2048],
    [64, ['-S', '4096'], 4096],
  ] as const)('yields every file under its real name: %i MiB made with %j', (mib, flags, sector) => {
    const image = fatOf(mib, ...flags);
    expect(fatSectorBytes(image)).toBe(sector);
    expect(textOf(image)).toEqual(tree);
  });

  it('is rebuilt only for a disk with larger sectors than its own', () => {
    const disk = (logicalSectorBytes: number) => ({ path: '/dev/sda', size: 2 ** 30, logicalSectorBytes });
    const drive = (bytes: Uint8Array) => ({ bytes, kind: 'fat' as const });
    const [small, large] = [drive(fatOf(3)), drive(fatOf(64, '-S', '4096'))];
    const rules = { configDriveAsFat: false };
    expect(becomesFat(small, disk(512), rules)).toBe(false);
    expect(becomesFat(small, disk(4096), rules)).toBe(true);
    expect(becomesFat(large, disk(4096), rules)).toBe(false);
    expect(becomesFat(large, disk(512), rules)).toBe(false);
    expect(becomesFat(small, disk(512), { configDriveAsFat: true })).toBe(false);
  });

  it.each([
    ['12', 3],
    ['16', 16],
    ['32', 40],
  ])('of FAT%s never makes the reader crash or hang when it is damaged', (bits, mib) => {
    const good = fatOf(mib, '-F', bits);
    const used = 1_500_000;
    const place = fc.oneof(fc.nat({ max: 90 }), fc.nat({ max: 70_000 }), fc.nat({ max: used }));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(place, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 40 }),
        fc.oneof(fc.constant(good.length), fc.nat({ max: used })),
        (damage, cut) => {
          const image = new Uint8Array(good.subarray(0, cut));
          for (const [at, value] of damage) image[at] = value;
          try {
            readFat(image);
          } catch (error) {
            expect(error).toBeInstanceOf(AgentError);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

/** A FAT16 of 5000 clusters of 512 bytes: table at 512, root folder of 16 entries at 10 752, data at 11 264. */
function fat16(root: readonly Buffer[], clusters: Readonly<Record<number, number>>, folders: readonly Buffer[] = []) {
  const image = Buffer.alloc(11_264 + 5000 * 512);
  image.writeUInt16LE(512, 11);
  image[13] = 1;
  image.writeUInt16LE(1, 14);
  image[16] = 1;
  image.writeUInt16LE(16, 17);
  image.writeUInt16LE(image.length / 512, 19);
  image.writeUInt16LE(20, 22);
  for (const [cluster, next] of Object.entries(clusters)) image.writeUInt16LE(next, 512 + 2 * Number(cluster));
  Buffer.concat(root).copy(image, 10_752);
  Buffer.concat(folders).copy(image, 11_264);
  return image;
}
function entry(name: string, start: number, length: number | 'folder'): Buffer {
  const bytes = Buffer.alloc(32);
  bytes.write(name.padEnd(11), 'latin1');
  bytes[11] = length === 'folder' ? 0x10 : 0x20;
  bytes.writeUInt16LE(start, 26);
  bytes.writeUInt32LE(length === 'folder' ? 0 : length, 28);
  return bytes;
}
const END = 0xffff;

describe('a FAT config drive that was made to be endless', () => {
  it.each<readonly [string, Uint8Array, RegExp]>([
    ['a folder that leads to itself', fat16([entry('A', 2, 'folder')], { 2: 2 }), /a file leads to itself/],
    [
      'a folder that contains itself',
      fat16([entry('A', 2, 'folder')], { 2: END }, [entry('B', 2, 'folder')]),
      /folder "A\/B\/" is also another one/,
    ],
    [
      'a folder that contains the root',
      fat16([entry('A', 2, 'folder')], { 2: END }, [entry('B', 0, 'folder')]),
      /is also another one/,
    ],
    ['a file that leads to itself', fat16([entry('A', 2, 2 ** 32 - 1)], { 2: 3, 3: 2 }), /a file leads to itself/],
    ['a file that leads outside', fat16([entry('A', 2, 9999)], { 2: 5002 }), /a file leads outside of it/],
    ['a file that is too short', fat16([entry('A', 2, 9999)], { 2: END }), /"A" reaches beyond its end/],
    ['a name with a slash', fat16([entry('A/B', 2, 1)], { 2: END }), /unusable file name "A\/B"/],
    ['nothing but zeros', new Uint8Array(4096), /its boot sector makes no sense/],
    ['nothing at all', new Uint8Array(), /its boot sector makes no sense/],
  ])('is refused: %s', (_what, image, why) => {
    expect(() => readFat(image)).toThrow(why);
  });
});
