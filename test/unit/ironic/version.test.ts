import { describe, expect, it } from 'vitest';
import { atLeast, formatVersion, lower, parseVersion } from '../../../src/ironic/index.ts';

const v = (text: string) => {
  const parsed = parseVersion(text);
  if (parsed === null) throw new Error(text);
  return parsed;
};

describe('API version', () => {
  it.each([
    ['1.115', { major: 1, minor: 115 }],
    [' 1.9 ', { major: 1, minor: 9 }],
    ['1', null],
    ['latest', null],
    ['1.2.3', null],
    ['', null],
    [1.82, null],
    [undefined, null],
  ])('reads %j as %j', (text, expected) => expect(parseVersion(text)).toEqual(expected));

  it('compares number by number', () => {
    expect(atLeast(v('1.10'), v('1.9'))).toBe(true);
    expect(atLeast(v('1.9'), v('1.10'))).toBe(false);
    expect(atLeast(v('2.0'), v('1.99'))).toBe(true);
    expect(formatVersion(lower(v('1.115'), v('1.68')))).toBe('1.68');
    expect(formatVersion(lower(v('1.31'), v('1.68')))).toBe('1.31');
  });
});
