import { once } from 'node:events';
import { createServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { type ClientTls, createFiles, createJsonHttp, type ProxyEnvironment } from '../../src/system/index.ts';
import { type Certificates, makeCertificates } from '../kit/certificates.ts';
import { plainTls } from '../kit/ironic-ports.ts';
import { createProxyServer } from '../kit/proxy-server.ts';

const closing: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of closing.splice(0).reverse()) await one.close();
});

const { signal } = new AbortController();

/** An API behind TLS that tells the subject of the client's certificate; it may insist on one. */
async function guarded(requestCert: boolean): Promise<{ readonly url: string; readonly own: Certificates }> {
  const own = makeCertificates();
  closing.push(own);
  const peerOf = (socket: TLSSocket) => socket.getPeerX509Certificate()?.subject ?? null;
  const options = { ...own.server, ca: own.ca, requestCert, rejectUnauthorized: requestCert };
  const server = createServer(options, (incoming, response) => {
    const { socket } = incoming;
    response.end(JSON.stringify({ peer: 'getPeerX509Certificate' in socket ? peerOf(Object(socket)) : null }));
  });
  closing.push({
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return { own, url: `https://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/` };
}

const get = (url: string, tls: Partial<ClientTls>, environment: ProxyEnvironment = {}) =>
  createJsonHttp(createFiles(), environment).send(
    { method: 'GET', url, headers: {}, timeoutMs: 5000, tls: { ...plainTls, ...tls } },
    signal,
  );

describe('client certificate', () => {
  it('is shown to an API that asks for one', async () => {
    const { url, own } = await guarded(true);
    const { certFile: certfile, keyFile: keyfile } = own.client;
    const answer = await get(url, { cafile: own.caFile, certfile, keyfile });
    expect(answer).toMatchObject({ status: 200, json: { peer: 'CN=client' } });
  });

  it('is missed by that API when there is none', async () => {
    const { url, own } = await guarded(true);
    await expect(get(url, { cafile: own.caFile })).rejects.toThrow(/GET https:\/\/127\.0\.0\.1/);
  });
});

describe('an encrypted API behind a proxy', () => {
  it('is reached through a tunnel, its certificate checked, or around it by network', async () => {
    const { url, own } = await guarded(false);
    const proxy = await createProxyServer('user', 'word');
    closing.push(proxy);
    const https_proxy = `http://user:word@127.0.0.1:${proxy.port}`;
    expect((await get(url, { cafile: own.caFile }, { https_proxy })).status).toBe(200);
    expect(proxy.asked).toEqual([`CONNECT ${new URL(url).host}`]);
    await expect(get(url, {}, { https_proxy })).rejects.toThrow('certificate is not trusted');
    const around = await get(url, { cafile: own.caFile }, { https_proxy, no_proxy: '127.0.0.0/8' });
    expect([around.status, proxy.asked.length]).toEqual([200, 2]);
  });
});
