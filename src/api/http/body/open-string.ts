import { createHash } from 'node:crypto';
import { closingQuote } from './closing-quote.ts';
import { createStore, type Store } from './store.ts';

/** A string whose end was not in the chunk that it began in. */
export interface OpenString {
  /** Takes what belongs to the string; index of the closing quote, or -1 while it stays open. */
  feed(chunk: Buffer, from: number): number;
  bytes(): number;
  /** The same for the same content. */
  digest(): string;
  hasEscapes(): boolean;
  /** The bytes in pieces, handed over: they are not kept here any longer. A long string is one piece. */
  take(): readonly Buffer[];
}

interface Sizes {
  /** From so many bytes on it is long. */
  readonly longBytes: number;
  /** So many may come at most; null: nobody knows. */
  readonly leftBytes: number | null;
}

export function openString({ longBytes, leftBytes }: Sizes): OpenString {
  const pieces: Buffer[] = [];
  let store: Store | null = null;
  const hash = createHash('sha256');
  let bytes = 0;
  let hasEscapes = false;
  let endsEscaped = false;
  return {
    feed: (chunk, from) => {
      const found = closingQuote(chunk, from, endsEscaped);
      const piece = chunk.subarray(from, found.end < 0 ? chunk.length : found.end);
      hash.update(piece);
      bytes += piece.length;
      if (store === null) pieces.push(piece);
      else store.add(piece);
      if (store === null && bytes >= longBytes) {
        store = createStore(Math.max(leftBytes ?? 0, bytes));
        for (const early of pieces.splice(0)) store.add(early);
      }
      hasEscapes ||= found.hasEscapes;
      endsEscaped = found.endsEscaped;
      return found.end;
    },
    bytes: () => bytes,
    digest: () => hash.digest('hex'),
    hasEscapes: () => hasEscapes,
    take: () => {
      const taken = store === null ? pieces.splice(0) : [store.all()];
      store = null;
      return taken;
    },
  };
}
