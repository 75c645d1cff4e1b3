import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createTransferSession,
  type TlsMaterial,
  TransferFailed,
  TransferRefused,
  type TransferSettings,
} from '../../../../src/system/index.ts';
import { type Certificates, makeCertificates } from '../../../kit/certificates.ts';
import { type ImageServer, startImageServer } from '../../../kit/image-server.ts';
import { createProxyServer } from '../../../kit/proxy-server.ts';

const never = new AbortController().signal;
const content = Uint8Array.from({ length: 2_500_000 }, (_, i) => (i * 13 + (i >> 9)) & 0xff);

describe('bulk HTTPS reader', () => {
  let certificates: Certificates;
  let server: ImageServer;
  let url: string;
  beforeAll(async () => {
    certificates = makeCertificates();
    server = await startImageServer(certificates.server);
    url = server.serve('/image', { content });
  });
  afterAll(async () => {
    await server.close();
    certificates.close();
  });

  const material = (change: Partial<TlsMaterial>): TlsMaterial => ({
    ...{ ca: certificates.ca, cert: null, key: null, insecure: false, minVersion: '1.2', ciphers: null },
    ...change,
  });
  async function fetchAll(address: string, tls: Partial<TlsMaterial>, more: Partial<TransferSettings> = {}) {
    const settings = { timeoutMs: 5000, proxyFor: () => null, authorization: null, tls: material(tls), ...more };
    const body = await createTransferSession(settings).get(new URL(address), {}, never);
    const into = Buffer.alloc(content.length + 1);
    let filled = 0;
    for (let count = -1; count !== 0; filled += count) count = await body.fill(into.subarray(filled));
    return into.subarray(0, filled);
  }

  it('trusts the given authority and delivers every byte', async () => {
    expect(Buffer.compare(await fetchAll(url, {}), content)).toBe(0);
    expect(Buffer.compare(await fetchAll(url, { minVersion: '1.3' }), content)).toBe(0);
  });

  it('refuses an unknown authority for good, unless told to be insecure', async () => {
    await expect(fetchAll(url, { ca: null })).rejects.toSatisfy(TransferRefused.is);
    expect(Buffer.compare(await fetchAll(url, { ca: null, insecure: true }), content)).toBe(0);
  });

  it('refuses a certificate for another host', async () => {
    const named = url.replace('127.0.0.1', '127.0.0.2');
    await expect(fetchAll(named, {})).rejects.toSatisfy(
      (error: unknown) => TransferRefused.is(error) || TransferFailed.is(error),
    );
  });

  it('shows its own certificate when asked', async () => {
    const strict = await startImageServer({ ...certificates.server, ca: certificates.ca, requestCert: true });
    const address = strict.serve('/image', { content });
    const { cert, key } = certificates.client;
    expect(Buffer.compare(await fetchAll(address, { cert, key }), content)).toBe(0);
    await expect(fetchAll(address, {})).rejects.toThrow();
    await strict.close();
  });

  it('does not talk TLS 1.1', async () => {
    const old = { ...certificates.server, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' } as const;
    const ancient = await startImageServer({ ...old, ciphers: 'DEFAULT@SECLEVEL=0' });
    await expect(fetchAll(ancient.serve('/image', { content }), {})).rejects.toThrow(/cannot connect/);
    await ancient.close();
  });

  it('goes through the tunnel of a proxy', async () => {
    const proxy = await createProxyServer('user', 'word');
    const proxyFor = () => new URL(`http://user:word@127.0.0.1:${proxy.port}`);
    expect(Buffer.compare(await fetchAll(url, {}, { proxyFor }), content)).toBe(0);
    expect(proxy.asked).toEqual([`CONNECT ${new URL(url).host}`]);
    const wrong = () => new URL(`http://user:guess@127.0.0.1:${proxy.port}`);
    await expect(fetchAll(url, {}, { proxyFor: wrong })).rejects.toThrow(/407/);
    await proxy.close();
  });

  it('drops credentials when a redirect leaves TLS', async () => {
    const plain = await startImageServer();
    const final = plain.serve('/image', { content });
    await fetchAll(server.serve('/go', { content, redirect: final }), {}, { authorization: 'Bearer secret' });
    expect(plain.requests.map((seen) => seen.authorization)).toEqual([null]);
    await plain.close();
  });
});
