import { TransferFailed } from './errors.ts';

/** Status line and headers of a response; header names in lower case, repeated ones joined by a comma. */
export interface ResponseHead {
  readonly status: number;
  readonly minorVersion: number;
  readonly headers: ReadonlyMap<string, string>;
}

/** How the end of a body is known (RFC 9112 6.3). */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'close' };

/** @param lines the response head without line ends and without the closing empty line */
export function parseHead(lines: readonly string[]): ResponseHead {
  const start = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(lines[0] ?? '');
  if (start === null)
    throw TransferFailed(`the server does not speak HTTP/1.1: ${JSON.stringify((lines[0] ?? '').slice(0, 60))}`);
  const headers = new Map<string, string>();
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(':');
    if (colon <= 0) throw TransferFailed(`malformed response header ${JSON.stringify(line.slice(0, 60))}`);
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { status: Number(start[2]), minorVersion: Number(start[1]), headers };
}

export function framingOf(head: ResponseHead): Framing {
  if (head.status === 204 || head.status === 304) return { kind: 'none' };
  const coding = head.headers.get('transfer-encoding');
  if (coding !== undefined) {
    if (coding.toLowerCase() === 'chunked') return { kind: 'chunked' };
    throw TransferFailed(`unknown transfer coding ${JSON.stringify(coding)}`);
  }
  const length = head.headers.get('content-length');
  if (length === undefined) return { kind: 'close' };
  const values = new Set(length.split(',').map((part) => part.trim()));
  const [only = ''] = values;
  if (values.size !== 1 || !/^\d{1,15}$/.test(only))
    throw TransferFailed(`bad Content-Length ${JSON.stringify(length)}`);
  return { kind: 'length', bytes: Number(only) };
}

/** Can the connection carry another request once the body has been read? */
export function keepsAlive(head: ResponseHead): boolean {
  const connection = (head.headers.get('connection') ?? '').toLowerCase();
  return head.minorVersion === 1 && !connection.includes('close');
}
