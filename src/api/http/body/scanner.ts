import { randomUUID } from 'node:crypto';
import { formatBytes } from '../../../core/index.ts';
import { BodyTooLarge } from '../errors.ts';
import { closingQuote } from './closing-quote.ts';
import type { BodyLimits } from './limits.ts';
import { decodeLong } from './long-text.ts';
import { type OpenString, openString } from './open-string.ts';
import { createPlainPart, parsePlain, undecodable } from './plain-part.ts';
import { restore } from './restore.ts';

const QUOTE = 0x22;

export interface JsonScanner {
  /** @throws BadRequest, BodyTooLarge */
  push(chunk: Buffer): void;
  /** @throws BadRequest */
  end(): unknown;
}

const inOne = (pieces: readonly Buffer[]): Buffer => {
  const [first, ...more] = pieces;
  return first !== undefined && more.length === 0 ? first : Buffer.concat(pieces);
};

/** Index behind the quote that opens a string without end in this chunk, or -1. */
function findOpening(chunk: Buffer, from: number, nest: (byte: number | undefined) => void): number {
  for (let at = from; at < chunk.length; at += 1) {
    if (chunk[at] !== QUOTE) {
      nest(chunk[at]);
      continue;
    }
    const { end } = closingQuote(chunk, at + 1, false);
    if (end < 0) return at + 1;
    at = end;
  }
  return -1;
}

/**
 * Reads JSON as it arrives. Long strings are taken out and each different one is kept once: a config drive comes
 * three times in one deploy step, and the JavaScript heap is smaller than that. The rest is parsed at the end.
 * `announcedBytes`: of the whole body, where the client says it.
 */
export function createJsonScanner(limits: BodyLimits, announcedBytes: number | null = null): JsonScanner {
  const nonce = randomUUID();
  const plain = createPlainPart(limits);
  const long = new Map<string, string>();
  let total = 0;
  let open: OpenString | null = null;

  const close = (string: OpenString) => {
    if (string.bytes() < limits.longBytes) {
      for (const piece of string.take()) plain.keep(piece);
      return;
    }
    const key = `${nonce}:${string.digest()}`;
    if (!long.has(key)) long.set(key, decodeLong(inOne(string.take()), string.hasEscapes()));
    plain.keep(Buffer.from(key));
  };
  return {
    push: (chunk) => {
      total += chunk.length;
      if (total > limits.maxBytes) throw BodyTooLarge(`more than ${formatBytes(limits.maxBytes)}`);
      const closing = open === null ? null : open.feed(chunk, 0);
      if (closing === -1) return;
      if (open !== null) close(open);
      // The closing quote itself is plain again, but it opens nothing.
      const opening = findOpening(chunk, closing === null ? 0 : closing + 1, plain.nest);
      plain.keep(chunk.subarray(closing ?? 0, opening < 0 ? chunk.length : opening));
      const leftBytes = announcedBytes === null ? null : announcedBytes - total + chunk.length - opening;
      open = opening < 0 ? null : openString({ longBytes: limits.longBytes, leftBytes });
      open?.feed(chunk, opening);
    },
    end: () => {
      if (open !== null) throw undecodable('it ends inside a string');
      return restore(parsePlain(plain.bytes(), long.size === 0), long);
    },
  };
}
