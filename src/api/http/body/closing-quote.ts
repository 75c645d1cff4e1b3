const QUOTE = 0x22;
const BACKSLASH = 0x5c;

export interface StringEnd {
  /** Index of the closing quote; -1 when it is not in this chunk. */
  readonly end: number;
  readonly hasEscapes: boolean;
  /** The chunk ended behind a backslash: the first byte of the next one is escaped. */
  readonly endsEscaped: boolean;
}

/** Finds the end of a JSON string that is open at `from`. */
export function closingQuote(chunk: Buffer, from: number, startsEscaped: boolean): StringEnd {
  let at = startsEscaped ? from + 1 : from;
  let hasEscapes = startsEscaped;
  let quote = chunk.indexOf(QUOTE, at);
  for (;;) {
    if (quote >= 0 && quote < at) quote = chunk.indexOf(QUOTE, at);
    const slash = chunk.subarray(at, quote < 0 ? chunk.length : quote).indexOf(BACKSLASH);
    if (slash < 0) return { end: quote, hasEscapes, endsEscaped: false };
    hasEscapes = true;
    at += slash + 2;
    if (at > chunk.length) return { end: -1, hasEscapes, endsEscaped: true };
  }
}
