import { type FileHandle, open } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Log, reasonOf } from '../../src/core/index.ts';
import { sliceOf } from './http-range.ts';

export interface HttpFilesOptions {
  readonly root: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly log: Log;
}

export interface HttpFiles {
  readonly url: string;
  /** Body bytes sent so far per request path. */
  served(): Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

const CHUNK = 1024 * 1024;

/** The path below the root, or null when the URL leaves it or is malformed. */
export function fileOf(root: string, url: string): string | null {
  try {
    const path = decodeURIComponent(new URL(url, 'http://lab').pathname);
    return path.includes('\0') ? null : join(root, normalize(path));
  } catch {
    return null;
  }
}

function plain(response: ServerResponse, status: number, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'content-length': '0', ...headers });
  response.end();
}

interface Found {
  readonly file: FileHandle;
  readonly size: number;
  readonly etag: string;
  readonly modified: string;
}

async function openFile(path: string): Promise<Found | null> {
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return null;
  const { size, mtimeMs, mtime, ino } = await file.stat();
  const isFile = (await file.stat()).isFile();
  if (isFile)
    return { file, size, etag: `"${ino.toString(16)}-${size.toString(16)}-${mtimeMs}"`, modified: mtime.toUTCString() };
  await file.close();
  return null;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly count: (bytes: number) => void;
}

async function send(found: Found, { request, response, count }: Exchange): Promise<void> {
  const { etag, size } = found;
  const common = { etag, 'last-modified': found.modified, 'accept-ranges': 'bytes' };
  if (request.headers['if-none-match'] === etag) return plain(response, 304, common);
  const condition = request.headers['if-range'];
  const guarded = condition === undefined || condition === etag || condition === found.modified;
  const slice = sliceOf(guarded ? request.headers.range : undefined, size);
  if (slice.kind === 'unsatisfiable') return plain(response, 416, { ...common, 'content-range': `bytes */${size}` });
  const [first, last] = slice.kind === 'part' ? [slice.first, slice.last] : [0, size - 1];
  response.writeHead(slice.kind === 'part' ? 206 : 200, {
    ...common,
    'content-type': 'application/octet-stream',
    'content-length': String(last - first + 1),
    ...(slice.kind === 'part' ? { 'content-range': `bytes ${first}-${last}/${size}` } : {}),
  });
  if (request.method === 'HEAD' || size === 0) return void response.end();
  const body = found.file.createReadStream({ start: first, end: last, highWaterMark: CHUNK, autoClose: false });
  body.on('data', (chunk) => count(chunk.length));
  await pipeline(body, response);
}

/** A static file server with GET, HEAD, single ranges and entity tags: what iPXE, the agent and Ironic ask for. */
export async function serveFiles(options: HttpFilesOptions): Promise<HttpFiles> {
  const { root, host, port, log } = options;
  const served: Record<string, number> = {};
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const url = request.url ?? '/';
    if (request.method !== 'GET' && request.method !== 'HEAD') return plain(response, 405, { allow: 'GET, HEAD' });
    const path = fileOf(root, url);
    const found = path === null ? null : await openFile(path);
    log.info('lab.http.request', { method: request.method, url, found: found !== null });
    if (found === null) return plain(response, 404);
    const count = (bytes: number) => {
      served[url] = (served[url] ?? 0) + bytes;
    };
    await send(found, { request, response, count }).finally(() => found.file.close());
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      log.debug('lab.http.broken', { url: request.url, reason: reasonOf(error) });
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${host}:${bound}`,
    served: () => ({ ...served }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
