import { describe, expect, it } from 'vitest';
import { icuItems, isDispensable } from '../../../build/binary/icu.ts';

describe('locale data', () => {
  it.each([
    'icudt78l/de.res',
    'icudt78l/coll/zh_Hant.res',
    'icudt78l/unit/sr_Latn_BA.res',
    'icudt78l/gb18030-2022.cnv',
    'icudt78l/brkitr/cjdict.dict',
    'icudt78l/brkitr/line_loose_cj.brk',
    'icudt78l/translit/Any_Latn.res',
  ])('%s can go', (name) => expect(isDispensable(name)).toBe(true));

  it.each([
    'icudt78l/root.res',
    'icudt78l/en.res',
    'icudt78l/en_001.res',
    'icudt78l/pool.res',
    'icudt78l/res_index.res',
    'icudt78l/coll/root.res',
    'icudt78l/coll/ucadata.icu',
    'icudt78l/nfkc.nrm',
    'icudt78l/zoneinfo64.res',
    'icudt78l/supplementalData.res',
    'icudt78l/uts46.nrm',
    'icudt78l/brkitr/word.brk',
  ])('%s stays', (name) => expect(isDispensable(name)).toBe(false));

  it('reads the table of contents', () => {
    const names = 'a/x.res\0a/y.res\0';
    const toc = Buffer.alloc(4 + 16);
    const data = 20 + names.length;
    [2, 20, data, 28, data + 4].forEach((value, index) => {
      toc.writeUInt32LE(value, 4 * index);
    });
    const header = Buffer.alloc(24);
    header.writeUInt16LE(24, 0);
    header.writeUInt16LE(0x27da, 2);
    header.write('CmnD', 12, 'latin1');
    const file = Buffer.concat([header, toc, Buffer.from(names, 'latin1'), Buffer.from('AAAABBBBBB')]);
    expect(icuItems(file, { offset: 0, bytes: file.length })).toEqual([
      { name: 'a/x.res', offset: 24 + data, bytes: 4 },
      { name: 'a/y.res', offset: 28 + data, bytes: 6 },
    ]);
  });

  it('refuses data of an unknown format', () => {
    expect(() => icuItems(Buffer.alloc(64), { offset: 0, bytes: 64 })).toThrow(/unknown format/);
  });
});
