import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';

/** What goes wrong with one request; faults are used up in order, then the server behaves. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** The connection breaks after so many body bytes of this answer. */
  | { readonly kind: 'cut'; readonly after: number }
  /** All bytes of a chunked body come, but not the chunk that says so. */
  | { readonly kind: 'unfinished' }
  /** Silence after so many body bytes; the connection stays open. */
  | { readonly kind: 'stall'; readonly after: number };

export interface Served {
  /** Content, or the path of a file that holds it. */
  readonly content: Uint8Array | string;
  /** What range requests see instead: a server that lies about parts of the file. */
  readonly rangedContent?: Uint8Array;
  /** Default true. */
  readonly ranges?: boolean;
  /** Default: a fixed strong tag. Null: none, and no Last-Modified either. */
  readonly etag?: string | null;
  readonly chunked?: boolean;
  /** Required value of the Authorization header; otherwise 401. */
  readonly authorization?: string;
  readonly redirect?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly faults?: readonly Fault[];
}

export interface Seen {
  readonly path: string;
  readonly range: string | null;
  readonly authorization: string | null;
  readonly headers: IncomingMessage['headers'];
}

export interface ImageServer {
  readonly url: string;
  readonly requests: Seen[];
  /** Offers `what` at `path`, replacing what was there, and returns its address. */
  serve(path: string, what: Served): string;
  /** Open connections. */
  connections(): Promise<number>;
  close(): Promise<void>;
}

export interface ServerTls {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
  readonly maxVersion?: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  readonly minVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2';
  readonly ciphers?: string;
}

interface Entry {
  readonly served: Served;
  readonly faults: Fault[];
}

const lengthOf = async (content: Uint8Array | string) =>
  typeof content === 'string' ? (await stat(content)).size : content.length;

function streamOf(content: Uint8Array | string, start: number, end: number): Readable {
  if (typeof content === 'string')
    return end > start ? createReadStream(content, { start, end: end - 1, highWaterMark: 1 << 18 }) : Readable.from([]);
  return Readable.from(
    (function* () {
      for (let at = start; at < end; at += 1 << 18) yield content.subarray(at, Math.min(end, at + (1 << 18)));
    })(),
  );
}

/** Waits until the response takes more, or is gone. */
function writable(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.removeListener('drain', done).removeListener('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}

async function send(response: ServerResponse, body: Readable, fault: Fault | undefined) {
  let left = fault?.kind === 'cut' || fault?.kind === 'stall' ? fault.after : Number.POSITIVE_INFINITY;
  for await (const chunk of body) {
    const part: Uint8Array = chunk.subarray(0, left);
    left -= part.length;
    if (!response.write(part) && !response.destroyed) await writable(response);
    if (response.destroyed) return;
    if (left > 0) continue;
    if (fault?.kind === 'cut') setTimeout(() => response.socket?.destroy(), 20);
    return;
  }
  if (fault?.kind === 'unfinished') setTimeout(() => response.socket?.destroy(), 20);
  else response.end();
}

async function answer(request: IncomingMessage, response: ServerResponse, entry: Entry) {
  const { served } = entry;
  const fault = entry.faults.shift();
  if (fault?.kind === 'status')
    return void response.writeHead(fault.status, fault.headers).end(`status ${fault.status}`);
  if (served.redirect !== undefined) return void response.writeHead(302, { location: served.redirect }).end();
  if (served.authorization !== undefined && request.headers.authorization !== served.authorization)
    return void response.writeHead(401).end('who are you');
  const total = await lengthOf(served.content);
  const etag = served.etag === undefined ? '"v1"' : served.etag;
  const base = { ...served.headers, ...(etag === null ? {} : { etag }) };
  const range = served.ranges === false ? null : /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const ifRange = request.headers['if-range'];
  if (range === null || (ifRange !== undefined && ifRange !== etag)) {
    response.writeHead(200, { ...base, ...(served.chunked === true ? {} : { 'content-length': total }) });
    return send(response, streamOf(served.content, 0, total), fault);
  }
  const start = Number(range[1]);
  const end = range[2] === '' ? total : Math.min(total, Number(range[2]) + 1);
  if (start >= total) return void response.writeHead(416, { 'content-range': `bytes */${total}` }).end();
  response.writeHead(206, {
    ...base,
    'content-range': `bytes ${start}-${end - 1}/${total}`,
    'content-length': end - start,
  });
  return send(response, streamOf(served.rangedContent ?? served.content, start, end), fault);
}

/** A real HTTP(S) server on the loopback interface that can misbehave on demand. */
export async function startImageServer(tls?: ServerTls & { readonly requestCert?: boolean }): Promise<ImageServer> {
  const entries = new Map<string, Entry>();
  const requests: Seen[] = [];
  const listener: RequestListener = (request, response) => {
    const path = new URL(request.url ?? '/', 'http://here').pathname;
    requests.push({
      path,
      range: request.headers.range ?? null,
      authorization: request.headers.authorization ?? null,
      headers: request.headers,
    });
    const entry = entries.get(path);
    if (entry === undefined) return void response.writeHead(404).end('no such image');
    answer(request, response, entry).catch(() => response.destroy());
  };
  const server =
    tls === undefined
      ? createServer(listener)
      : createTlsServer({ ...tls, ...(tls.requestCert === true ? { rejectUnauthorized: true } : {}) }, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  const port = address !== null && typeof address !== 'string' ? address.port : 0;
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  return {
    url,
    requests,
    serve(path, what) {
      entries.set(path, { served: what, faults: [...(what.faults ?? [])] });
      return `${url}${path}`;
    },
    connections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
      ),
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
