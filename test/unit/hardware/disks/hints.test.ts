import { describe, expect, it } from 'vitest';
import { GiB } from '../../../../src/core/index.ts';
import { chooseRootDisk, DeviceNotFound, type Disk } from '../../../../src/hardware/index.ts';
import { aDisk } from '../../../kit/disk-builder.ts';

const outcome = (disk: Partial<Disk>, hint: Readonly<Record<string, unknown>>): 'match' | 'no match' | 'error' => {
  try {
    chooseRootDisk([aDisk('sda', disk)], { properties: { root_device: hint } }, { parity: false });
    return 'match';
  } catch (error) {
    if (!DeviceNotFound.is(error)) throw error;
    return error.details.startsWith('root device hints:') ? 'error' : 'no match';
  }
};

const gib = (n: number): Partial<Disk> => ({ size: n * GiB });
const model = (text: string | null): Partial<Disk> => ({ model: text });
const serials = (...all: string[]): Partial<Disk> => ({ allSerials: all });

type Row = readonly [string, Partial<Disk>, Readonly<Record<string, unknown>>, 'match' | 'no match' | 'error'];

describe('root device hints (inventory 3.2, 3.3)', () => {
  const sizes: readonly Row[] = [
    ['plain number', gib(100), { size: 100 }, 'match'],
    ['plain text', gib(100), { size: '100' }, 'match'],
    ['exact GiB only', { size: 100 * GiB + 512 }, { size: 100 }, 'no match'],
    ['== equal', gib(100), { size: '== 100' }, 'match'],
    ['== unequal', gib(101), { size: '== 100' }, 'no match'],
    ['!=', gib(101), { size: '!= 100' }, 'match'],
    ['>= inclusive', gib(60), { size: '>= 60' }, 'match'],
    ['operator touches its value', gib(60), { size: '>=60' }, 'match'],
    ['> exclusive', gib(60), { size: '> 60' }, 'no match'],
    ['<= inclusive', gib(60), { size: '<= 60' }, 'match'],
    ['< exclusive', gib(60), { size: '< 60' }, 'no match'],
    ['legacy = means at least', gib(200), { size: '= 100' }, 'match'],
    ['legacy = below', gib(50), { size: '= 100' }, 'no match'],
    ['compares fractions of the disk', { size: 100.5 * GiB }, { size: '> 100' }, 'match'],
    ['<or> never matches a size', gib(100), { size: '<or> 100 <or> 200' }, 'no match'],
    ['<in> is for texts', gib(100), { size: '<in> 10' }, 'error'],
    ['<all-in> is unusable', gib(100), { size: '<all-in> 100 200' }, 'error'],
    ['string comparison of a size', gib(100), { size: 's== 100' }, 'error'],
    ['stray percent sign', gib(100), { size: '100%' }, 'error'],
    ['fraction', gib(100), { size: '100.5' }, 'error'],
    ['zero', gib(100), { size: 0 }, 'error'],
    ['negative', gib(100), { size: '-5' }, 'error'],
    ['words', gib(100), { size: 'large' }, 'error'],
    ['boolean', gib(100), { size: true }, 'error'],
    ['<range-in> inside', gib(50), { size: '<range-in> [ 50 100 ]' }, 'match'],
    ['<range-in> upper bound included', gib(100), { size: '<range-in> [ 50 100 ]' }, 'match'],
    ['<range-in> open bounds', gib(50), { size: '<range-in> ( 50 100 )' }, 'no match'],
    ['<range-in> mixed bounds', gib(100), { size: '<range-in> ( 50 100 ]' }, 'match'],
    ['<range-in> mixed bounds, other side', gib(100), { size: '<range-in> [ 50 100 )' }, 'no match'],
    ['<range-in> without brackets', gib(50), { size: '<range-in> 50 100' }, 'error'],
    ['<range-in> upside down', gib(50), { size: '<range-in> [ 100 50 ]' }, 'error'],
  ];
  const texts: readonly Row[] = [
    ['equality ignores case', model('Example SSD'), { model: 'EXAMPLE ssd' }, 'match'],
    ['trailing blanks of the device', model('EXAMPLE SSD   '), { model: 'example ssd' }, 'match'],
    ['blanks of the hint', model('example'), { model: '  example  ' }, 'match'],
    ['blank inside is part of the value', model('example'), { model: 'example ssd' }, 'no match'],
    ['s==', model('abc'), { model: 's== abc' }, 'match'],
    ['s!= other', model('abc'), { model: 's!= abd' }, 'match'],
    ['s!= same', model('abc'), { model: 's!= ABC' }, 'no match'],
    ['s>=', model('abc'), { model: 's>= abc' }, 'match'],
    ['s>', model('abc'), { model: 's> abb' }, 'match'],
    ['s<=', model('abc'), { model: 's<= abc' }, 'match'],
    ['s<', model('abc'), { model: 's< abc' }, 'no match'],
    ['<in>', model('INTEL SSDSC2'), { model: '<in> ssd' }, 'match'],
    ['<in> upper-case operator', model('INTEL SSDSC2'), { model: '<IN> ssd' }, 'match'],
    ['<in> absent', model('INTEL'), { model: '<in> ssd' }, 'no match'],
    ['<in> percent-encoded blank', model('a b'), { model: '<in> a%20b' }, 'no match'],
    ['<or> with blanks', model('foo bar'), { model: '<or> foo bar <or> baz' }, 'match'],
    ['<or> second', model('BAZ'), { model: '<or> foo bar <or> baz' }, 'match'],
    ['<or> part of a value', model('foo'), { model: '<or> foo bar <or> baz' }, 'no match'],
    ['<all-in> on a text', model('a'), { model: '<all-in> a b' }, 'error'],
    ['<range-in> on a text', model('a'), { model: '<range-in> [ 1 2 ]' }, 'error'],
    ['numeric operator on a text', model('a'), { model: '== a' }, 'error'],
    ['legacy = on a text', model('a'), { model: '= a' }, 'error'],
    ['operator without value', model('a'), { model: 's== ' }, 'error'],
    ['empty value', model('a'), { model: '' }, 'error'],
    ['blank value', model('a'), { model: '   ' }, 'error'],
    ['number for a text', model('5'), { model: 5 }, 'error'],
    ['null is the text none', model(null), { model: 'none' }, 'match'],
    ['null differs from a text', model(null), { model: 's!= x' }, 'match'],
    ['blank value of the device is rejected', model('  '), { model: 's!= x' }, 'no match'],
    ['percent and quote signs', model("a%20(b)'!*"), { model: "A%20(B)'!*" }, 'match'],
    ['vendor', {}, { vendor: 'ata' }, 'match'],
    ['hctl', {}, { hctl: '0:0:0:0' }, 'match'],
    ['name', {}, { name: '/dev/sda' }, 'match'],
    ['name of another', {}, { name: 's== /dev/sdb' }, 'no match'],
    ['tran', {}, { tran: 'sata' }, 'match'],
    ['wwn_with_extension', {}, { wwn_with_extension: '0x5000sda' }, 'match'],
    ['wwn_vendor_extension absent', {}, { wwn_vendor_extension: '0x1' }, 'no match'],
    ['by_path', {}, { by_path: '/dev/disk/by-path/pci-0000:00:17.0-sda' }, 'match'],
  ];
  const lists: readonly Row[] = [
    ['any serial of the list', serials('short', 'MODEL_short'), { serial: 'model_SHORT' }, 'match'],
    ['s!= any element that differs', serials('a', 'b'), { serial: 's!= a' }, 'match'],
    ['empty list', serials(), { serial: 'none' }, 'no match'],
    ['empty list, s!=', serials(), { serial: 's!= x' }, 'no match'],
    ['short and long WWN', { allWwns: ['0x60051', '0x6005'] }, { wwn: '0x6005' }, 'match'],
  ];
  const [plain, alias] = ['/dev/disk/by-path/pci-0:17.0-ata-1', '/dev/disk/by-path/pci-0:17.0-ata-1.0'];
  const linked: Partial<Disk> = { byPath: alias, allByPaths: [plain, alias] };
  const paths: readonly Row[] = [
    ['any link', linked, { by_path: plain }, 'match'],
    ['any link, s==', linked, { by_path: `s== ${alias}` }, 'match'],
    ['any link, <or>', linked, { by_path: `<or> /dev/other <or> ${plain}` }, 'match'],
    ['any link, <in>', linked, { by_path: '<in> ata-1.0' }, 'match'],
    ['no link', linked, { by_path: `${plain}.1` }, 'no match'],
    ['s!= one link', linked, { by_path: `s!= ${plain}` }, 'no match'],
    ['s!= the other link', linked, { by_path: `s!= ${alias}` }, 'no match'],
    ['s!= a foreign link', linked, { by_path: 's!= /dev/disk/by-path/pci-0:17.0-ata-2' }, 'match'],
    ['s!= without any link', { byPath: null, allByPaths: [] }, { by_path: `s!= ${plain}` }, 'match'],
    ['the own link decides the order', linked, { by_path: `s> ${plain}` }, 'match'],
    ['the own link decides the order, below', linked, { by_path: `s< ${alias}` }, 'no match'],
    ['the own link decides the order, at most', linked, { by_path: `s<= ${plain}` }, 'no match'],
  ];
  const flags: readonly Row[] = [
    ...['1', 't', 'TRUE', 'on', 'y', 'Yes', true].map(
      (value): Row => [`rotational ${value}`, { rotational: true }, { rotational: value }, 'match'],
    ),
    ...['0', 'f', 'False', 'off', 'n', 'no', false].map(
      (value): Row => [`rotational ${value}`, { rotational: false }, { rotational: value }, 'match'],
    ),
    ['rotational wrong', { rotational: true }, { rotational: false }, 'no match'],
    ['rotational maybe', {}, { rotational: 'maybe' }, 'error'],
    ['rotational number', {}, { rotational: 1 }, 'error'],
  ];
  const maps: readonly Row[] = [
    ['all hints must match', gib(100), { size: 100, model: 'other' }, 'no match'],
    ['all hints match', gib(100), { size: 100, tran: 'sata' }, 'match'],
    ['unknown hint', {}, { colour: 'red' }, 'error'],
    ['name of an inherited property', {}, { constructor: 'x' }, 'error'],
    ['an empty map is no hint', {}, {}, 'match'],
  ];

  it.each([...sizes, ...texts, ...lists, ...paths, ...flags, ...maps])('%s', (_name, disk, hint, expected) => {
    expect(outcome(disk, hint)).toBe(expected);
  });
});
