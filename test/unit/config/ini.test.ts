import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { iniValue } from '../../../src/config/index.ts';
import { parseIni } from '../../../src/config/sources/index.ts';

const values = (text: string) => parseIni(text).entries.map(({ section, name, value }) => [section, name, value]);
const problems = (text: string) => parseIni(text).problems.map(({ line, message }) => `${line}: ${message}`);

describe('INI files', () => {
  it.each<[string, string, string[][]]>([
    ['equals sign', '[DEFAULT]\na = 1', [['DEFAULT', 'a', '1']]],
    ['colon', '[DEFAULT]\na: 1', [['DEFAULT', 'a', '1']]],
    [
      'the first sign cuts',
      '[DEFAULT]\na = b:c=d\ne: f=g',
      [
        ['DEFAULT', 'a', 'b:c=d'],
        ['DEFAULT', 'e', 'f=g'],
      ],
    ],
    ['no blanks', '[x]\na=1', [['x', 'a', '1']]],
    ['empty value', '[x]\na=', [['x', 'a', '']]],
    ['full-line comments', '# c\n[x]\n; c\na=1\n#b=2', [['x', 'a', '1']]],
    ['signs inside a value are no comments', '[x]\na=http://h/v1#x ; y', [['x', 'a', 'http://h/v1#x ; y']]],
    [
      'continuation',
      '[x]\na = 1,\n  2,\n\t3\nb=4',
      [
        ['x', 'a', '1,\n2,\n3'],
        ['x', 'b', '4'],
      ],
    ],
    [
      'a blank line ends a continuation',
      '[x]\na = 1\n\nb = 2',
      [
        ['x', 'a', '1'],
        ['x', 'b', '2'],
      ],
    ],
    ['an indented comment continues a value', '[x]\na = 1\n # 2', [['x', 'a', '1\n# 2']]],
    [
      'quotes around a value',
      `[x]\na = " b "\nc='d'\ne="f'`,
      [
        ['x', 'a', ' b '],
        ['x', 'c', 'd'],
        ['x', 'e', `"f'`],
      ],
    ],
    ['a single quote sign', '[x]\na="', [['x', 'a', '"']]],
    [
      'duplicates stay in order',
      '[x]\na=1\na=2',
      [
        ['x', 'a', '1'],
        ['x', 'a', '2'],
      ],
    ],
    [
      'section names in any case',
      '[Metrics]\na=1\n[default]\nb=2',
      [
        ['metrics', 'a', '1'],
        ['default', 'b', '2'],
      ],
    ],
    ['byte order mark and CR LF', '\uFEFF[x]\r\na=1\r\n', [['x', 'a', '1']]],
    ['names with blanks around', '[x]\n a\nb  =1', [['x', 'b', '1']]],
  ])('%s', (_title, text, expected) => {
    expect(values(text)).toEqual(expected);
  });

  it.each([
    ['a=1', ['1: option a stands before the first section; put [DEFAULT] above it']],
    ['[x]\nword and more', ['2: "word" has no value; write name = value']],
    ['[x', ['1: "[x" is not a section; write [name]']],
    ['[]', ['1: "[]" is not a section; write [name]']],
    ['[x]\n=1', ['2: there is no option name before the sign']],
    ['[x]\n  a=1', ['2: this indented line continues nothing; remove the spaces']],
  ])('%j is reported', (text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  it('a damaged line is reported without its content, which may be a secret', () => {
    expect(problems('[x]\nhunter2 secret words')[0]).not.toContain('secret words');
  });

  it('gives the line of each key', () => {
    expect(parseIni('# c\n[x]\na=1\n 2\nb=3').entries.map(({ line }) => line)).toEqual([3, 5]);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        parseIni(text);
      }),
    );
  });

  it('reads back what was written', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/);
    const value = fc.string().filter((text) => !/[\r\n]/.test(text) && !text.includes('$'));
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), (rows) => {
        const text = `[x]\n${rows.map(([key, item]) => `${key} = ${iniValue(item)}`).join('\n')}\n`;
        expect(values(text)).toEqual(rows.map(([key, item]) => ['x', key, item]));
      }),
    );
  });
});
