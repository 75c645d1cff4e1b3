import { describe, expect, it } from 'vitest';
import { findDigest } from '../../../src/image/source/index.ts';

const a = 'a'.repeat(64);
const b = 'B'.repeat(64);
const m = 'c'.repeat(32);

describe('checksum files', () => {
  it.each([
    ['a lone digest', `${a}\n`, a],
    ['a lone word that is none', 'hello\n', null],
    ['GNU text', `${b}  other.img\n${a}  my.img\n`, a],
    ['GNU binary', `${a} *my.img\n`, a],
    ['a path in front', `${a}  ./my.img\n`, a],
    ['the CentOS style', `# my.img: 42 bytes\nSHA256 (my.img) = ${a}\n`, a],
    ['CRLF', `${a}  my.img\r\n${b}  other.img\r\n`, a],
    ['upper case', `${b}  my.img`, b.toLowerCase()],
    ['comments only', `# ${a}  my.img\n#\n`, null],
    ['empty', '\n\n', null],
    ['another name', `${a}  your.img\n${b}  thy.img\n`, null],
    ['a name whose dot is no wild card', `${b}  myximg\n${a}  my.img\n`, a],
    ['a name that only ends alike', `${b}  not-my.img\n${m}  my.img\n`, m],
    ['a digest of an unknown length', `${'d'.repeat(40)}  my.img\n`, null],
  ])('%s', (_, text, digest) => {
    expect(findDigest(text, 'my.img')).toBe(digest);
  });
});
