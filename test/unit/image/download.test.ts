import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadConfigDrive, planImage } from '../../../src/image/index.ts';
import { openDownload, resolveDigest } from '../../../src/image/source/index.ts';
import { realImagePorts, testSettings } from '../../kit/image-ports.ts';
import { type ImageServer, startImageServer } from '../../kit/image-server.ts';
import { createProxyServer } from '../../kit/proxy-server.ts';

let server: ImageServer;
beforeAll(async () => {
  server = await startImageServer();
});
afterAll(() => server.close());

const never = new AbortController().signal;
const content = randomBytes(300_000);
const digest = createHash('sha256').update(content).digest('hex');

it('image, checksum and config drive go through the proxy of the environment', async () => {
  const proxy = await createProxyServer('user', 'word');
  const settings = { ...testSettings, proxies: { http_proxy: `http://user:word@127.0.0.1:${proxy.port}` } };
  const image = server.serve('/image', { content });
  const sums = server.serve('/SUMS', { content: Buffer.from(`${digest}  image\n`) });
  const drive = server.serve('/drive', { content: Buffer.from(Buffer.from('drive').toString('base64')) });
  const ports = realImagePorts();
  const plan = planImage({ id: 'i', urls: [image], disk_format: 'raw', checksum: sums }, settings);
  expect((await resolveDigest(ports, plan, never)).digest).toBe(digest);
  const download = await openDownload(ports, plan, 'sha256', never);
  expect(await download.fill(new Uint8Array(content.length + 1))).toBe(content.length);
  download.close();
  await loadConfigDrive(ports, drive, settings, never);
  expect(proxy.asked).toEqual([`GET ${sums}`, `GET ${image}`, `GET ${drive}`]);
  await proxy.close();
});

/** Everything, in pieces, and what was asked for. */
async function received(path: string, settings = testSettings) {
  const plan = planImage({ id: 'i', urls: [`${server.url}${path}`], disk_format: 'raw', checksum: digest }, settings);
  const download = await openDownload(realImagePorts(), plan, 'sha256', never);
  const into = new Uint8Array(content.length + 10);
  const count = await download.fill(into);
  const again = await download.fill(into.subarray(count));
  download.close();
  const ranges = server.requests.filter((one) => one.path === path).map(({ range }) => range);
  return { count, again, digest: download.digest(), ranges, retries: download.retries() };
}

it('a chunked body without its last chunk is complete when the server has no more', async () => {
  server.serve('/unfinished', { content, chunked: true, faults: [{ kind: 'unfinished' }] });
  expect(await received('/unfinished')).toEqual({
    ...{ count: content.length, again: 0, digest, retries: 1 },
    ranges: [null, `bytes=${content.length}-`],
  });
});

it('a body that came gzip-coded starts over and is compared', async () => {
  const packed = gzipSync(content);
  const cut = { kind: 'cut', after: packed.length - 5000 } as const;
  server.serve('/coded', { content: packed, headers: { 'content-encoding': 'gzip' }, faults: [cut, cut] });
  expect(await received('/coded')).toEqual({
    ...{ count: content.length, again: 0, digest, retries: 2 },
    ranges: [null, null, null],
  });
});

it('a chunked body that has become shorter has changed', async () => {
  const shorter = content.subarray(0, content.length - 1);
  const path = '/shorter';
  server.serve(path, { content, chunked: true, etag: null, faults: [{ kind: 'unfinished' }] });
  const rest = received(path, { ...testSettings, retryIntervalMs: 1000 });
  rest.catch(() => undefined);
  await expect.poll(() => server.requests.filter((one) => one.path === path).length).toBe(1);
  server.serve(path, { content: shorter, etag: null });
  await expect(rest).rejects.toThrow(/changed during the download/);
});

it('a download that cannot be opened leaves no connection', async () => {
  const quiet = await startImageServer();
  const plan = planImage(
    { id: 'i', urls: [`${quiet.url}/absent`], disk_format: 'raw', checksum: digest },
    { ...testSettings, retries: 0 },
  );
  const { signal } = new AbortController();
  await expect(openDownload(realImagePorts(), plan, 'sha256', signal)).rejects.toThrow(/404/);
  await expect.poll(() => quiet.connections()).toBe(0);
  await quiet.close();
});

it('percent signs that stand for themselves are no fault: in the name of an image, in user and password', async () => {
  const image = server.serve('/100%.raw', {
    content,
    authorization: `Basic ${Buffer.from('a%b:c d').toString('base64')}`,
  });
  const sums = server.serve('/SUMS2', { content: Buffer.from(`${digest}  100%.raw\n`) });
  const urls = [image.replace('http://', 'http://a%b:c%20d@')];
  const plan = planImage({ id: 'i', urls, disk_format: 'raw', checksum: sums }, testSettings);
  expect((await resolveDigest(realImagePorts(), plan, never)).digest).toBe(digest);
  const download = await openDownload(realImagePorts(), plan, 'sha256', never);
  expect(await download.fill(new Uint8Array(content.length + 1))).toBe(content.length);
  download.close();
});
