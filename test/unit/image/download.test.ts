import { createHash } from 'node:crypto';
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
const content = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
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
