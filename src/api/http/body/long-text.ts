import { isAscii, isUtf8 } from 'node:buffer';
import { MiB } from '../../../core/index.ts';
import { BadRequest } from '../errors.ts';

const BACKSLASH = 0x5c;
/** A surrogate pair written as two escapes. */
const LONGEST_ESCAPE = 12;
const FARTHEST_CUT = 64 * 1024;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these inside a string
const CONTROL = /[\u0000-\u001f]/;

/** Where the raw text may be cut at or before `near` without parting an escape. */
function safeCut(raw: Uint8Array, from: number, near: number): number {
  if (near >= raw.length) return raw.length;
  let clean = 0;
  for (let at = near - 1; at > from && near - at < FARTHEST_CUT; at -= 1) {
    clean = raw[at] === BACKSLASH ? 0 : clean + 1;
    if (clean === LONGEST_ESCAPE) return at + LONGEST_ESCAPE;
  }
  return raw.length;
}

const unescaped = (text: string): string => {
  const value: unknown = JSON.parse(`"${text}"`);
  return String(value);
};

/** Piece by piece, so that only one piece at a time lies in the heap. */
function unescapeAscii(raw: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let from = 0; from < raw.length; ) {
    const to = safeCut(raw, from, from + MiB);
    pieces.push(Buffer.from(unescaped(raw.toString('latin1', from, to)), 'utf8'));
    from = to;
  }
  return Buffer.concat(pieces);
}

/** Latin-1 text of this size lives outside the JavaScript heap, which a config drive would burst. */
const textOf = (bytes: Buffer): string => bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8');

/** The value of a JSON string from the bytes between its quotes. @throws BadRequest */
export function decodeLong(raw: Buffer, hasEscapes: boolean): string {
  if (!isUtf8(raw)) throw BadRequest('Failed to decode JSON object: a string is not UTF-8');
  if (!hasEscapes) {
    const text = textOf(raw);
    if (CONTROL.test(text)) throw BadRequest('Failed to decode JSON object: control character in a string');
    return text;
  }
  try {
    return isAscii(raw) ? textOf(unescapeAscii(raw)) : unescaped(raw.toString('utf8'));
  } catch {
    throw BadRequest('Failed to decode JSON object: invalid escape in a string');
  }
}
