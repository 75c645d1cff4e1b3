import { isUtf8 } from 'node:buffer';
import { formatBytes } from '../../../core/index.ts';
import { BadRequest, BodyTooLarge } from '../errors.ts';
import type { BodyLimits } from './limits.ts';

const OPEN_OBJECT = 0x7b;
const OPEN_LIST = 0x5b;
const CLOSE_OBJECT = 0x7d;
const CLOSE_LIST = 0x5d;

export const undecodable = (why: string) => BadRequest(`Failed to decode JSON object: ${why}`);

/** The parser's own message quotes the body, which may hold secrets; only the place is repeated. */
export function parsePlain(bytes: Buffer, isWhole: boolean): unknown {
  if (bytes.length === 0) throw undecodable('the body is empty');
  if (!isUtf8(bytes)) throw undecodable('the body is not UTF-8');
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    const at = /position (\d+)/.exec(String(error))?.[1];
    throw undecodable(at !== undefined && isWhole ? `malformed at character ${at}` : 'malformed or incomplete');
  }
}

/** Collects the body without its long strings, within bounds of size and nesting. */
export function createPlainPart({ maxPlainBytes, maxDepth }: BodyLimits) {
  const pieces: Buffer[] = [];
  let bytes = 0;
  let depth = 0;
  return {
    keep: (piece: Buffer) => {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes > maxPlainBytes) throw BodyTooLarge(`more than ${formatBytes(maxPlainBytes)} besides long strings`);
    },
    /** Takes notice of one byte outside strings. */
    nest: (byte: number | undefined) => {
      if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth += 1;
      else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) depth -= 1;
      if (depth > maxDepth) throw undecodable(`nested deeper than ${maxDepth} levels`);
    },
    bytes: () => Buffer.concat(pieces),
  };
}
