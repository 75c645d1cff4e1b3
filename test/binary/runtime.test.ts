import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { strippedNode } from '../../build/binary/runtime.ts';

const program = `
const locales = ['de', 'ja', 'zh-Hant-TW', 'ar-EG', 'th', 'sr-Latn', 'en-GB', 'xx'];
const uses = [
  (l) => new Intl.NumberFormat(l, { style: 'currency', currency: 'EUR' }).format(1234.5),
  (l) => new Intl.NumberFormat(l, { style: 'unit', unit: 'byte', unitDisplay: 'long' }).format(2),
  (l) => new Intl.DateTimeFormat(l, { dateStyle: 'full', timeStyle: 'full', timeZone: 'Asia/Tokyo' }).format(0),
  (l) => ['z', '\\u00e4'].sort(new Intl.Collator(l).compare).join(),
  (l) => new Intl.PluralRules(l).select(2),
  (l) => new Intl.ListFormat(l).format(['a', 'b']),
  (l) => new Intl.DisplayNames(l, { type: 'region' }).of('DE'),
  (l) => [...new Intl.Segmenter(l, { granularity: 'word' }).segment('hello \\u4f60\\u597d')].length,
  (l) => new Date(0).toLocaleString(l) + 'I'.toLocaleLowerCase(l) + 'a'.localeCompare('b', l),
];
for (const locale of locales) for (const use of uses) use(locale);
console.log(JSON.stringify({
  nfd: '\\u00e9'.normalize('NFD').length,
  letter: /^\\p{L}$/u.test('\\u00e9'),
  host: new URL('http://b\\u00fccher.example/').host,
  tokyo: new Date(0).toLocaleString('en-GB', { timeZone: 'Asia/Tokyo' }),
  text: new TextDecoder('utf-8').decode(Uint8Array.of(195, 169)) + new TextDecoder('windows-1252').decode(Uint8Array.of(128)),
}));`;

describe('the stripped runtime', () => {
  // Locale data is blanked in it: a foreign locale may read poorly, but must never end the process.
  it.each(['C', 'de_DE.UTF-8', 'ja_JP.UTF-8', 'ar_EG'])(
    'does without foreign locale data under LANG=%s',
    async (LANG) => {
      const node = await strippedNode('x64');
      const out = execFileSync(node, ['-e', program], { env: { LANG, LC_ALL: LANG }, encoding: 'utf8' });
      expect(JSON.parse(out)).toEqual({
        nfd: 2,
        letter: true,
        host: 'xn--bcher-kva.example',
        tokyo: '01/01/1970, 09:00:00',
        text: 'é€',
      });
    },
  );
});
