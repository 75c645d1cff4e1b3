import { createHash } from 'node:crypto';
import { closingQuote } from './closing-quote.ts';

/** A string whose end was not in the chunk that it began in. */
export interface OpenString {
  /** Takes what belongs to the string; index of the closing quote, or -1 while it stays open. */
  feed(chunk: Buffer, from: number): number;
  bytes(): number;
  /** The same for the same content. */
  digest(): string;
  hasEscapes(): boolean;
  /** The pieces, handed over: they are not kept here any longer. */
  take(): readonly Buffer[];
}

export function openString(): OpenString {
  const pieces: Buffer[] = [];
  const hash = createHash('sha256');
  let bytes = 0;
  let hasEscapes = false;
  let endsEscaped = false;
  return {
    feed: (chunk, from) => {
      const found = closingQuote(chunk, from, endsEscaped);
      const piece = chunk.subarray(from, found.end < 0 ? chunk.length : found.end);
      pieces.push(piece);
      hash.update(piece);
      bytes += piece.length;
      hasEscapes ||= found.hasEscapes;
      endsEscaped = found.endsEscaped;
      return found.end;
    },
    bytes: () => bytes,
    digest: () => hash.digest('hex'),
    hasEscapes: () => hasEscapes,
    take: () => pieces.splice(0),
  };
}
