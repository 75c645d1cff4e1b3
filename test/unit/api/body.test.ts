import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BodyLimits, bodyLimits, createJsonScanner, readJson } from '../../../src/api/http/body/index.ts';

const tight: BodyLimits = { maxBytes: 10_000, maxPlainBytes: 2_000, longBytes: 16, maxDepth: 10 };
const roomy: BodyLimits = { ...tight, maxBytes: 1_000_000, maxPlainBytes: 1_000_000 };

function scan(bytes: Buffer, chunkBytes: number, limits: BodyLimits, announced: number | null = null): unknown {
  const scanner = createJsonScanner(limits, announced);
  for (let at = 0; at < bytes.length; at += chunkBytes) scanner.push(bytes.subarray(at, at + chunkBytes));
  return scanner.end();
}

describe('reading JSON as it arrives', () => {
  it('reads every document as JSON.parse does, however it is cut', () => {
    const depth = { maxDepth: 4 };
    fc.assert(
      fc.property(fc.jsonValue(depth), fc.integer({ min: 1, max: 40 }), fc.boolean(), (value, chunkBytes, escaped) => {
        const plain = JSON.stringify(value);
        const text = escaped
          ? plain.replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
          : plain;
        const bytes = Buffer.from(text);
        // What a client announces is only a hint: HTTP itself holds it to that.
        for (const announced of [null, bytes.length, 0, 3, 999])
          expect(scan(bytes, chunkBytes, roomy, announced)).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  it('refuses exactly what JSON.parse refuses', () => {
    const alphabet = fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', 'a', '1', ' ', 'u', '\n', 'é');
    fc.assert(
      fc.property(fc.array(alphabet, { maxLength: 40 }), fc.integer({ min: 1, max: 9 }), (letters, chunkBytes) => {
        const text = letters.join('');
        const attempt = (work: () => unknown) => {
          try {
            return { value: work() };
          } catch {
            return 'refused';
          }
        };
        expect(attempt(() => scan(Buffer.from(text), chunkBytes, roomy))).toEqual(attempt(() => JSON.parse(text)));
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps equal long strings once and puts them back in values and keys', () => {
    const drive = 'QUJD'.repeat(100);
    const value = { a: drive, b: { c: [drive, 'short'] }, [drive]: `${drive}x` };
    expect(scan(Buffer.from(JSON.stringify(value)), 7, tight)).toEqual(value);
  });

  it('a long string does not count as plain text, short ones do', () => {
    const long = JSON.stringify({ a: 'A'.repeat(5_000) });
    expect(scan(Buffer.from(long), 64, tight)).toEqual({ a: 'A'.repeat(5_000) });
    const short = JSON.stringify(Array.from({ length: 500 }, () => 'abcd'));
    expect(() => scan(Buffer.from(short), 64, tight)).toThrow(/besides long strings/);
  });

  it('reads long strings with escapes of every kind', () => {
    const text = `{"a":"${'QUJD\\n'.repeat(400_000)}\\ud83d\\ude00é\\u00e9"}`;
    expect(scan(Buffer.from(text), 65_536, bodyLimits)).toEqual(JSON.parse(text));
    const ascii = `{"a":"${'AB\\"\\\\'.repeat(700_000)}"}`;
    expect(scan(Buffer.from(ascii), 65_536, bodyLimits)).toEqual(JSON.parse(ascii));
  });

  it('a string that looks like a stand-in stays what it is', () => {
    const value = { a: 'x'.repeat(64), b: '00000000-0000-4000-8000-000000000000:aa' };
    expect(scan(Buffer.from(JSON.stringify(value)), 5, tight)).toEqual(value);
  });

  it.each([
    ['[['.repeat(20), /nested deeper than 10 levels/],
    ['{"a":"b', /ends inside a string/],
    ['', /the body is empty/],
    ['{"secret-value-1234":}', /^(?!.*secret).*malformed or incomplete$/],
    ['{"a":1 "b"}', /malformed at character 7$/],
  ])('%j', (text, message) => {
    expect(() => scan(Buffer.from(text), 3, tight)).toThrow(message);
  });

  it('does not take __proto__ for more than a key', () => {
    const value = scan(Buffer.from(`{"__proto__":{"x":1},"long":"${'y'.repeat(99)}"}`), 8, tight);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(Object(value))).toEqual(['__proto__', 'long']);
  });
});

describe('reading a request', () => {
  it('refuses by the announced size and drains the rest', async () => {
    const stream = Readable.from([Buffer.from('{}')]);
    await expect(readJson({ announcedBytes: 99_999, stream }, tight)).rejects.toThrow(/413/);
    await new Promise((resolve) => stream.once('close', resolve));
  });

  it('refuses by what really came and drains the rest', async () => {
    const stream = Readable.from(Array.from({ length: 50 }, () => Buffer.alloc(1000, 0x20)));
    await expect(readJson({ announcedBytes: null, stream }, tight)).rejects.toThrow(/413/);
    if (!stream.closed) await new Promise((resolve) => stream.once('close', resolve));
  });

  it('a broken connection is a fault, not a hang', async () => {
    const stream = new Readable({ read: () => undefined });
    const body = readJson({ announcedBytes: null, stream }, tight);
    stream.push('{"a":');
    stream.destroy(new Error('reset'));
    await expect(body).rejects.toThrow(/400/);
  });
});
