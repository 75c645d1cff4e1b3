import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sliceOf } from '../../../lab/network/http-range.ts';
import { type HttpFiles, serveFiles } from '../../../lab/network/index.ts';
import { silentLog } from '../../../src/core/index.ts';

const top = mkdtempSync(join(tmpdir(), 'http-'));
const root = join(top, 'root');
let files: HttpFiles;

beforeAll(async () => {
  mkdirSync(join(root, 'sub'), { recursive: true });
  writeFileSync(join(root, 'data'), '0123456789');
  writeFileSync(join(root, 'empty'), '');
  writeFileSync(join(top, 'secret'), 'no');
  files = await serveFiles({ root, host: '127.0.0.1', port: 0, log: silentLog });
});
afterAll(async () => {
  await files.stop();
  rmSync(top, { recursive: true });
});

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${files.url}${path}`, { headers, method });

/** fetch tidies paths before it sends them; an attacker does not. */
const rawStatus = (path: string) =>
  new Promise<number>((resolve, reject) => {
    const { hostname, port } = new URL(files.url);
    const sent = request({ hostname, port, path }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end();
  });

describe('ranges', () => {
  it.each([
    [undefined, { kind: 'whole' }],
    ['bytes=0-3', { kind: 'part', first: 0, last: 3 }],
    ['bytes=4-', { kind: 'part', first: 4, last: 9 }],
    ['bytes=-3', { kind: 'part', first: 7, last: 9 }],
    ['bytes=-30', { kind: 'part', first: 0, last: 9 }],
    ['bytes=5-90', { kind: 'part', first: 5, last: 9 }],
    ['bytes=10-', { kind: 'unsatisfiable' }],
    ['bytes=-0', { kind: 'unsatisfiable' }],
    ['bytes=5-4', { kind: 'whole' }],
    ['bytes=0-1,3-4', { kind: 'whole' }],
    ['items=0-1', { kind: 'whole' }],
    ['bytes=-', { kind: 'whole' }],
  ])('%s', (range, expected) => {
    expect(sliceOf(range, 10)).toEqual(expected);
  });
});

describe('file server', () => {
  it('sends a file with length and entity tag', async () => {
    const response = await get('/data');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe('10');
    expect(response.headers.get('accept-ranges')).toBe('bytes');
    expect(response.headers.get('etag')).toMatch(/^"[0-9a-f]+-a-[\d.]+"$/);
    expect(await response.text()).toBe('0123456789');
  });

  it('sends the part that is asked for, when the file is still the same', async () => {
    const etag = (await get('/data', {}, 'HEAD')).headers.get('etag') ?? '';
    const part = await get('/data', { range: 'bytes=4-6', 'if-range': etag });
    expect(part.status).toBe(206);
    expect(part.headers.get('content-range')).toBe('bytes 4-6/10');
    expect(await part.text()).toBe('456');
    const changed = await get('/data', { range: 'bytes=4-6', 'if-range': '"other"' });
    expect([changed.status, await changed.text()]).toEqual([200, '0123456789']);
  });

  it.each([
    ['/data', 'HEAD', 200],
    ['/empty', 'GET', 200],
    ['/missing', 'GET', 404],
    ['/sub', 'GET', 404],
    ['/data', 'POST', 405],
  ])('%s by %s answers %i', async (path, method, status) => {
    const response = await get(path, {}, method);
    expect([response.status, await response.text()]).toEqual([status, '']);
  });

  it('refuses a range behind the end', async () => {
    const response = await get('/data', { range: 'bytes=10-' });
    expect([response.status, response.headers.get('content-range')]).toEqual([416, 'bytes */10']);
  });

  it.each(['/../secret', '/%2e%2e/secret', '/sub/..%2f..%2fsecret', '/%00', '/%zz'])(
    'stays below its root: %s',
    async (path) => {
      expect(await rawStatus(path)).toBe(404);
    },
  );

  it('counts what it sent', async () => {
    const before = files.served()['/data'] ?? 0;
    await (await get('/data')).text();
    await (await get('/data', { range: 'bytes=0-1' })).text();
    expect((files.served()['/data'] ?? 0) - before).toBe(12);
  });
});
