import { describe, expect, it } from 'vitest';
import { decideFormat, type FormatRules } from '../../../src/image/format/index.ts';

const rules: FormatRules = { declared: null, permitted: ['raw', 'gpt', 'qcow2', 'iso'], deepInspection: true };

function head(...marks: readonly (readonly [number, string | readonly number[]])[]): Uint8Array {
  const bytes = Buffer.alloc(65_536);
  for (const [offset, mark] of marks) bytes.set(typeof mark === 'string' ? Buffer.from(mark, 'latin1') : mark, offset);
  return bytes;
}

const MBR = [510, [0x55, 0xaa]] as const;
const PROTECTIVE = [446, [0, 0, 2, 0, 0xee, 0, 0, 0, 1, 0, 0, 0, 255, 0, 0, 0]] as const;
const QCOW2 = [0, 'QFI\xfb'] as const;
const ISO = [0x8001, 'CD001'] as const;

describe('format of an image', () => {
  it.each([
    ['nothing known is raw', head(), rules, 'raw', 'raw'],
    ['a GPT disk', head(MBR, PROTECTIVE), rules, 'gpt', 'raw'],
    ['gpt where only raw is listed', head(MBR, PROTECTIVE), { ...rules, permitted: ['raw'] }, 'gpt', 'raw'],
    ['qcow2', head(QCOW2), rules, 'qcow2', 'qcow2'],
    ['iso', head(ISO), rules, 'iso', 'raw'],
    ['vmdk where it is listed', head([0, 'KDMV']), { ...rules, permitted: ['vmdk'] }, 'vmdk', 'qemu'],
    ['vhd where it is listed', head([0, 'conectix']), { ...rules, permitted: ['vhd'] }, 'vhd', 'qemu'],
    ['vhdx where it is listed', head([0, 'vhdxfile']), { ...rules, permitted: ['vhdx'] }, 'vhdx', 'qemu'],
    ['vdi where it is listed', head([0x40, '\x7f\x10\xda\xbe']), { ...rules, permitted: ['vdi'] }, 'vdi', 'qemu'],
    ['a hybrid ISO that is declared', head(ISO, MBR, PROTECTIVE), { ...rules, declared: 'iso' }, 'iso', 'raw'],
    ['a bare FAT file system', head(MBR, [0x10, [2]], [0x15, [0xf8]]), rules, 'raw', 'raw'],
    ['declared raw is never looked at', head(MBR), { ...rules, declared: 'raw' }, 'raw', 'raw'],
    ['declared gpt with anything', head(), { ...rules, declared: 'gpt' }, 'gpt', 'raw'],
    [
      'without deep inspection the first match counts',
      head(QCOW2, ISO),
      { ...rules, deepInspection: false },
      'qcow2',
      'qcow2',
    ],
  ])('%s', (_, bytes, rule, name, decoder) => {
    expect(decideFormat(bytes, rule)).toMatchObject({ name, decoder, warning: null });
  });

  it('declared raw that holds qcow2 is written as it is, with a warning', () => {
    const decision = decideFormat(head(QCOW2), { ...rules, declared: 'raw' });
    expect(decision).toMatchObject({ decoder: 'raw', warning: expect.stringContaining('qcow2') });
  });

  it.each([
    ['a polyglot', head(QCOW2, ISO), rules, /several formats/],
    ['a hybrid ISO that nobody declared', head(ISO, MBR, PROTECTIVE), rules, /several formats/],
    ['declared qcow2, found raw', head(), { ...rules, declared: 'qcow2' }, /declared as qcow2/],
    ['declared vmdk, found qcow2', head(QCOW2), { ...rules, declared: 'vmdk' }, /declared as vmdk/],
    ['not permitted', head(QCOW2), { ...rules, permitted: ['raw'] }, /not permitted/],
    ['vmdk', head([0, 'KDMV']), rules, /not permitted/],
    ['vhd', head([0, 'conectix']), rules, /not permitted/],
    ['vhdx', head([0, 'vhdxfile']), rules, /not permitted/],
    ['vdi', head([0x40, '\x7f\x10\xda\xbe']), rules, /not permitted/],
    ['qed', head([0, 'QED\0']), rules, /not permitted/],
    ['qed, even if it is listed', head([0, 'QED\0']), { ...rules, permitted: ['qed'] }, /not supported/],
    ['a descriptor of vmdk', head([0, '# Disk DescriptorFile']), { ...rules, declared: 'vmdk' }, /content is raw/],
    ['luks', head([0, 'LUKS\xba\xbe']), rules, /not permitted/],
    ['an empty table', head(MBR), rules, /empty/],
    ['a bad boot flag', head(MBR, [446, [1, 0, 2, 0, 0x83, 0, 0, 0, 1, 0, 0, 0]]), rules, /boot flag/],
    ['a protective entry elsewhere', head(MBR, [462, [0, 0, 2, 0, 0xee, 0, 0, 0, 1, 0, 0, 0]]), rules, /not alone/],
    [
      'a protective entry at a wrong sector',
      head(MBR, [446, [0, 0, 2, 0, 0xee, 0, 0, 0, 2, 0, 0, 0]]),
      rules,
      /wrong place/,
    ],
  ])('refuses %s', (_, bytes, rule, message) => {
    expect(() => decideFormat(bytes, rule)).toThrow(message);
  });
});
