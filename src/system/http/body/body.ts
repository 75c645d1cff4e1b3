import { gunzipped } from './decoded.ts';
import { TransferFailed, TransferRefused } from './errors.ts';
import { type Framing, framingOf, keepsAlive, parseHead, type ResponseHead } from './head.ts';
import type { Wire } from './wire.ts';

const MAX_HEADERS = 200;

/** A response whose body is pulled by the consumer, straight into its own memory. */
export interface Body {
  /** Final address after redirects. */
  readonly url: URL;
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** Announced length in bytes; null when the server does not say. */
  readonly length: number | null;
  /** A content coding was undone: the offsets of ranges are not those of the content. */
  readonly coded: boolean;
  /** Fills `into` as far as possible. A short count may precede a fault: call again; 0 means complete.
   * @throws TransferFailed, TransferStalled, also when the body ends before its announced length */
  fill(into: Uint8Array): Promise<number>;
  /** Ends the connection unless the body is complete. */
  close(reason?: unknown): void;
}

export async function readHead(wire: Wire): Promise<ResponseHead> {
  for (;;) {
    const lines: string[] = [];
    for (let line = await wire.line(); line !== ''; line = await wire.line()) {
      lines.push(line);
      if (lines.length > MAX_HEADERS) throw TransferFailed('the server sent too many headers');
    }
    const head = parseHead(lines);
    if (head.status >= 200) return head;
  }
}

type Fill = (into: Uint8Array) => Promise<number>;

function lengthFill(wire: Wire, bytes: number, done: () => void): Fill {
  let left = bytes;
  if (left === 0) done();
  return async (into) => {
    if (left === 0) return 0;
    const count = await wire.fill(into.subarray(0, left));
    if (count === 0) throw TransferFailed(`the connection ended ${left} bytes before the announced length of ${bytes}`);
    left -= count;
    if (left === 0) done();
    return count;
  };
}

function chunkedFill(wire: Wire, done: () => void): Fill {
  let left = 0;
  let complete = false;
  async function nextChunk(): Promise<void> {
    const size = /^([0-9a-f]{1,12})\s*(?:;|$)/i.exec(await wire.line());
    if (size === null) throw TransferFailed('malformed chunk header in the answer');
    left = Number.parseInt(size[1] ?? '', 16);
    if (left > 0) return;
    for (let trailer = await wire.line(), count = 0; trailer !== ''; trailer = await wire.line(), count++)
      if (count > MAX_HEADERS) throw TransferFailed('the server sent too many trailers');
    complete = true;
    done();
  }
  let failure: { readonly error: unknown } | null = null;
  return async (into) => {
    if (failure !== null) throw failure.error;
    let count = 0;
    try {
      while (count < into.length && !complete) {
        if (left === 0) await nextChunk();
        if (complete) break;
        const got = await wire.fill(into.subarray(count, Math.min(into.length, count + left)));
        if (got === 0) throw TransferFailed('the connection ended in the middle of a chunk');
        count += got;
        left -= got;
        if (left === 0 && (await wire.line()) !== '') throw TransferFailed('malformed chunk end in the answer');
      }
    } catch (error) {
      failure = { error };
      if (count === 0) throw error;
    }
    return count;
  };
}

function fillFor(framing: Framing, wire: Wire, done: () => void): Fill {
  switch (framing.kind) {
    case 'none':
      done();
      return () => Promise.resolve(0);
    case 'length':
      return lengthFill(wire, framing.bytes, done);
    case 'chunked':
      return chunkedFill(wire, done);
    case 'close':
      return (into) => wire.fill(into);
  }
}

/** @param release called once when the body is complete; `reusable` tells whether the connection may carry more */
export function bodyOf(url: URL, head: ResponseHead, wire: Wire, release: (reusable: boolean) => void): Body {
  const framing = framingOf(head);
  const coding = (head.headers.get('content-encoding') ?? 'identity').toLowerCase();
  const isGzip = head.status === 200 && /^(x-)?gzip$/.test(coding);
  let complete = false;
  if (coding !== 'identity' && head.status < 300 && !isGzip)
    throw TransferRefused(`the server insists on Content-Encoding ${coding}`, {
      hint: 'serve the image file as it is, without a content coding',
    });
  const done = () => {
    complete = true;
    release(keepsAlive(head) && wire.isClean());
  };
  const body: Body = {
    url,
    status: head.status,
    headers: head.headers,
    coded: false,
    length: framing.kind === 'length' ? framing.bytes : framing.kind === 'none' ? 0 : null,
    fill: fillFor(framing, wire, done),
    close: (reason) => {
      if (!complete) wire.close(reason);
    },
  };
  return isGzip ? gunzipped(body) : body;
}
