import { describe, expect, it } from 'vitest';
import { inspectForeign } from '../../../../src/image/foreign/index.ts';
import type { ForeignFormat } from '../../../../src/image/format/index.ts';
import {
  descriptorOf,
  VDI_BYTES,
  VHDX_METADATA,
  vdiHead,
  vhdHead,
  vhdxHead,
  vmdkHead,
} from '../../../kit/foreign-heads.ts';

const inspect = (format: ForeignFormat, image: Buffer, fileBytes = Math.max(image.length, VDI_BYTES)) =>
  inspectForeign(format, async (offset, length) => image.subarray(offset, offset + length), fileBytes);

const ONES = Array.from({ length: 8 }, () => 0xff);
const MANY = 'ddb.comment = "many words"\n'.repeat(500);
const at = (offset: number, ...bytes: readonly number[]) => ({ at: offset, bytes });

describe('what an image says about itself', () => {
  const cases: readonly (readonly [string, ForeignFormat, Buffer, number])[] = [
    ['vmdk', 'vmdk', vmdkHead(), 41_943_040],
    [
      'vmdk, compressed',
      'vmdk',
      vmdkHead(descriptorOf().replace('monolithicSparse', 'streamOptimized'), at(4, 3)),
      41_943_040,
    ],
    ['vmdk with line ends of Windows', 'vmdk', vmdkHead(descriptorOf().replaceAll('\n', '\r\n')), 41_943_040],
    ['vhd, where the geometry is larger', 'vhd', vhdHead(), 964 * 5 * 17 * 512],
    ['vhd, where the size is larger', 'vhd', vhdHead(at(0x38, 0, 1)), 41_943_040],
    ['vhd, where the geometry is at its limit', 'vhd', vhdHead(at(0x38, 0xff, 0xff, 16, 255)), 41_943_040],
    ['vdi', 'vdi', vdiHead(), 41_943_040],
    ['vdi of odd size', 'vdi', vdiHead(at(0x170, 1)), 41_943_552],
    ['vhdx', 'vhdx', vhdxHead(), 41_943_040],
  ];
  it.each(cases)('%s', async (_, format, image, virtualSize) => {
    expect(await inspect(format, image)).toEqual({ virtualSize });
  });
});

describe('vmdk that is refused', () => {
  const cases: readonly (readonly [string, Buffer, RegExp])[] = [
    ['another version', vmdkHead(undefined, at(4, 4)), /version 4/],
    ['its header at the end', vmdkHead(undefined, at(56, ...ONES)), /header is at its end/],
    ['its descriptor elsewhere', vmdkHead(undefined, at(28, 2)), /descriptor is not where/],
    ['a descriptor without sectors', vmdkHead(undefined, at(36, 0)), /has 0 sectors/],
    ['a descriptor of many sectors', vmdkHead(undefined, at(38, 1)), /has 65556 sectors/],
    ['a descriptor without end', vmdkHead(MANY.slice(0, 10_240)), /has no end/],
    ['a descriptor that is not text', vmdkHead(`${descriptorOf()}\n# \u00e9`), /not text/],
    ['no capacity: all is in other files', vmdkHead(undefined, at(12, 0, 0, 0)), /empty/],
    ['an absurd capacity', vmdkHead(undefined, at(12, ...ONES)), /absurd/],
    ['a parent', vmdkHead(descriptorOf('parentFileNameHint="/etc/passwd"')), /names a parent/],
    ['a parent in a comment', vmdkHead(descriptorOf('#parentFileNameHint="/etc/passwd"')), /names a parent/],
    ['a parent behind the data base', vmdkHead(descriptorOf('ddb.xParentFilenameHint="a"')), /names a parent/],
    ['the mark of a parent', vmdkHead(descriptorOf().replace('ffffffff', '4ae34e3d')), /has a parent/],
    ['an unknown line', vmdkHead(descriptorOf('include /etc/passwd')), /unknown line: include/],
    ['no kind', vmdkHead(descriptorOf().replace(/createType.*/, '')), /kind is unknown/],
    ['a kind of several files', vmdkHead(descriptorOf().replace('monolithicSparse', 'vmfs')), /kind is vmfs/],
    ['no extent', vmdkHead(descriptorOf().replace(/RW.*/, '')), /no extent/],
    ['two extents', vmdkHead(descriptorOf('RW 1 SPARSE "b.vmdk"')), /several files/],
    ['an extent elsewhere', vmdkHead(descriptorOf().replace('a.vmdk', '/etc/passwd')), /another file/],
    ['a flat extent', vmdkHead(descriptorOf().replace('SPARSE', 'FLAT')), /not sparse/],
    ['an end before its descriptor', vmdkHead().subarray(0, 5000), /ends before byte 10752/],
  ];
  it.each(cases)('%s', async (_, image, message) => {
    await expect(inspect('vmdk', image)).rejects.toMatchObject({
      type: 'InvalidImage',
      details: expect.stringMatching(message),
    });
  });
});

describe('vhd, vdi and vhdx that are refused', () => {
  const cases: readonly (readonly [string, ForeignFormat, Buffer, RegExp])[] = [
    ['a vhd with a parent', 'vhd', vhdHead(at(0x3f, 4)), /kind is differencing/],
    ['a fixed vhd with its footer in front', 'vhd', vhdHead(at(0x3f, 2)), /kind is fixed/],
    ['a vhd of no size', 'vhd', vhdHead(at(0x30, 0, 0, 0, 0, 0, 0, 0, 0)), /empty/],
    ['a vhd cut in its header', 'vhd', vhdHead().subarray(0, 100), /ends before/],
    ['a vdi of another version', 'vdi', vdiHead(at(0x44, 2)), /version 0x10002/],
    ['a vdi with a parent', 'vdi', vdiHead(at(0x4c, 4)), /kind is differencing/],
    ['a vdi that is linked', 'vdi', vdiHead(at(0x1b0, 7)), /parent/],
    ['a vdi with the mark of a parent', 'vdi', vdiHead(at(0x1c0, 7)), /parent/],
    ['a vdi that was cut short', 'vdi', vdiHead(at(0x184, 3)), /cut short/],
    ['a vhdx without region table', 'vhdx', vhdxHead(at(0x30000, 0)), /regi is missing/],
    ['a vhdx with many regions', 'vhdx', vhdxHead(at(0x30009, 8)), /2049 entries/],
    ['a vhdx without metadata', 'vhdx', vhdxHead(at(0x30010, 0)), /no metadata/],
    ['a vhdx with metadata at its start', 'vhdx', vhdxHead(at(0x30020, 0, 0, 0)), /impossible place/],
    ['a vhdx with metadata beyond its end', 'vhdx', vhdxHead(at(0x30023, 1)), /ends before/],
    ['a vhdx with a broken metadata table', 'vhdx', vhdxHead(at(VHDX_METADATA, 0)), /metadata is missing/],
    ['a vhdx without size', 'vhdx', vhdxHead(at(VHDX_METADATA + 64, 0)), /no size/],
    ['a vhdx with a parent', 'vhdx', vhdxHead(at(VHDX_METADATA + 0x1_0004, 2)), /parent/],
  ];
  it.each(cases)('%s', async (_, format, image, message) => {
    await expect(inspect(format, image)).rejects.toMatchObject({
      type: 'InvalidImage',
      details: expect.stringMatching(message),
    });
  });
});
