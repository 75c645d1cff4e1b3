import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { type Diagnosis, type DiagnosisTarget, diagnosePath, makeCertificate } from '../../src/ironic/index.ts';
import { type ClientTls, createFiles, createJsonHttp, createNetProbe, systemClock } from '../../src/system/index.ts';
import { makeCertificates } from '../kit/certificates.ts';
import { freePort } from '../kit/free-port.ts';
import { ironicKit, plainTls } from '../kit/ironic-ports.ts';
import { createProxyServer } from '../kit/proxy-server.ts';
import { startConductor } from '../kit/scripted-conductor.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const { signal } = new AbortController();
const files = createFiles();

function look(
  url: string,
  tls: Partial<ClientTls> = {},
  environment = {},
  role: DiagnosisTarget['role'] = 'Ironic API',
) {
  const { ports } = ironicKit();
  const real = {
    ...ports,
    clock: systemClock,
    http: createJsonHttp(files, environment),
    net: createNetProbe(files, environment),
  };
  return diagnosePath(real, { role, url }, { ...plainTls, ...tls }, signal);
}
const failedAt = ({ checks }: Diagnosis) => checks.find(({ ok }) => !ok)?.name ?? null;

async function listening(server: Server): Promise<number> {
  closing.push(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A self-signed certificate for 127.0.0.1 that begins an hour before `now` and lasts 30 days. */
async function pairOf(now: number, host = '127.0.0.1') {
  const directory = join(mkdtempSync(join(tmpdir(), 'diagnosis-')), 'run');
  closing.push(() => rmSync(join(directory, '..'), { recursive: true }));
  const { ports } = ironicKit();
  const clock = { ...systemClock, now: () => now };
  const settings = {
    directory,
    host,
    curve: 'p256',
    allowedClockSkewMs: 3_600_000,
    otherAddresses: [],
    hostname: 'api',
  } as const;
  const made = await makeCertificate({ ...ports, clock }, settings, signal);
  return { cert: made.certPem, key: readFileSync(made.keyPath, 'utf8'), cafile: made.certPath };
}

async function encrypted(now: number, host?: string) {
  const pair = await pairOf(now, host);
  const conductor = await startConductor({ tls: pair, version: '1.96' });
  closing.push(() => conductor.close());
  return { url: conductor.url, cafile: pair.cafile };
}

const DAY = 86_400_000;

describe('the way to a server', () => {
  it('is free to a conductor, plain and encrypted', async () => {
    const conductor = await startConductor({ version: '1.82' });
    closing.push(() => conductor.close());
    const plain = await look(`${conductor.url}/v1/`);
    expect([plain.verdict, plain.checks.at(-1)?.text]).toEqual([null, 'Ironic API 1.82']);
    const { url, cafile } = await encrypted(Date.now());
    const safe = await look(url, { cafile });
    expect([safe.verdict, safe.checks.at(-2)?.text]).toEqual([
      null,
      expect.stringMatching(/^TLSv1\.3, certificate CN=api/),
    ]);
    expect((await look(url, { insecure: true })).verdict).toBeNull();
  });

  it('ends at a port on which nobody listens', async () => {
    const seen = await look(`http://127.0.0.1:${await freePort()}`);
    expect([failedAt(seen), seen.finding]).toEqual(['connection', { kind: 'connection' }]);
    expect(seen.verdict).toContain('refuses the connection');
  });

  it('ends at a name that does not exist', async () => {
    const seen = await look('http://no-such-host.invalid:6385');
    expect(failedAt(seen)).toBe('name');
    expect(seen.verdict).toContain('its name no-such-host.invalid cannot be resolved');
  });

  it('ends at a half-open server, plain or encrypted', async () => {
    const port = await listening(createServer((socket) => void closing.push(() => socket.destroy())));
    const [plain, safe] = await Promise.all([look(`http://127.0.0.1:${port}`), look(`https://127.0.0.1:${port}`)]);
    expect(plain.verdict).toContain('no HTTP answer: GET');
    expect(safe.verdict).toContain('does not answer the TLS handshake (the agent offers TLS 1.2 and 1.3; ETIMEDOUT');
  });

  it('ends at a server that cuts', async () => {
    const port = await listening(createServer((socket) => void socket.once('data', () => socket.resetAndDestroy())));
    const [plain, safe] = await Promise.all([look(`http://127.0.0.1:${port}`), look(`https://127.0.0.1:${port}`)]);
    expect(plain.verdict).toContain('connection cut');
    expect(safe.verdict).toContain('cuts the connection in the TLS handshake');
  });

  it('ends at a server that speaks no TLS', async () => {
    const conductor = await startConductor();
    closing.push(() => conductor.close());
    const seen = await look(conductor.url.replace('http:', 'https:'));
    expect(seen.verdict).toContain('the server speaks no TLS on this port');
  });

  it('ends at a web page that is no API, and at a fault of the server', async () => {
    const page = createHttpServer((request, response) =>
      response.writeHead(request.url === '/bad/' ? 503 : 200).end('<html><title>Welcome</title>'),
    );
    const port = await listening(page);
    expect((await look(`http://127.0.0.1:${port}`)).verdict).toContain('is no Ironic API: <html><title>Welcome');
    expect((await look(`http://127.0.0.1:${port}/bad`)).verdict).toContain('the server answers 503');
    expect((await look(`http://127.0.0.1:${port}/x`, {}, {}, 'inspection callback')).verdict).toBeNull();
  });
});

describe('a certificate that is not trusted', () => {
  it('is not valid yet: the server tells the time, so the clock is at fault', async () => {
    const begins = Date.now() + 400 * DAY;
    const { url, cafile } = await encrypted(begins);
    const seen = await look(url, { cafile });
    // The server of the test has our clock, so here it is the certificate; the message names all three times.
    expect(seen.finding).toEqual({ kind: 'certificate' });
    expect(seen.verdict).toContain(`is not valid before ${new Date(begins - 3_600_000).toISOString().slice(0, 16)}`);
    expect(seen.verdict).toMatch(/this machine's clock says .*, the server's says /);
  });

  it('has expired', async () => {
    const { url, cafile } = await encrypted(Date.now() - 60 * DAY);
    const seen = await look(url, { cafile });
    expect(seen.finding).toEqual({ kind: 'certificate' });
    expect(seen.verdict).toContain('is not valid after ');
  });

  it('comes from an unknown authority', async () => {
    const { url } = await encrypted(Date.now());
    const seen = await look(url);
    expect(seen.finding).toEqual({ kind: 'certificate' });
    expect(seen.verdict).toContain(
      "is not trusted by the ramdisk's authorities (DEPTH_ZERO_SELF_SIGNED_CERT): set cafile",
    );
  });

  it('is for another host', async () => {
    const { url, cafile } = await encrypted(Date.now(), '192.0.2.9');
    const seen = await look(url, { cafile });
    expect(seen.verdict).toContain('TLS certificate is for IP Address:192.0.2.9, not for 127.0.0.1');
  });

  it('is judged by a cafile that is there', async () => {
    const { url } = await encrypted(Date.now());
    expect((await look(url, { cafile: '/no/such.pem' })).verdict).toContain('/no/such.pem');
  });
});

describe('TLS that does not come about', () => {
  it.each([
    ['version', { maxVersion: 'TLSv1.2' }, { minVersion: '1.3' }, 'share no TLS version'],
    [
      'cipher',
      { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' },
      { ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' },
      'share no cipher suite',
    ],
  ] as const)('for its %s', async (_case, server, client, words) => {
    const { cert, key, cafile } = await pairOf(Date.now());
    const port = await listening(createTlsServer({ cert, key, ...server }));
    expect((await look(`https://127.0.0.1:${port}`, { cafile, ...client })).verdict).toContain(words);
  });

  it('for want of a client certificate', async () => {
    const certificates = makeCertificates();
    closing.push(() => certificates.close());
    const conductor = createTlsServer({
      ...certificates.server,
      ca: certificates.ca,
      requestCert: true,
      rejectUnauthorized: true,
      maxVersion: 'TLSv1.2',
    });
    const seen = await look(`https://127.0.0.1:${await listening(conductor)}`, { cafile: certificates.caFile });
    expect(failedAt(seen)).toBe('TLS');
  });
});

describe('a proxy', () => {
  it('is named, and passed', async () => {
    const conductor = await startConductor({ version: '1.82' });
    const proxy = await createProxyServer('user', 'word');
    closing.push(
      () => conductor.close(),
      () => proxy.close(),
    );
    const http_proxy = `http://user:word@127.0.0.1:${proxy.port}`;
    const seen = await look(conductor.url, {}, { http_proxy });
    expect(seen.verdict).toBeNull();
    expect(seen.checks.find(({ name }) => name === 'connection')?.text).toMatch(/^proxy http:\/\/\*+@127\.0\.0\.1/);
    expect(JSON.stringify(seen)).not.toContain('word');
    const wrong = await look(conductor.url, {}, { http_proxy: http_proxy.replace('word', 'wrong') });
    expect(wrong.verdict).toContain('the proxy wants a password');
  });

  it('that is dead is told apart from a dead server', async () => {
    const http_proxy = `http://127.0.0.1:${await freePort()}`;
    const seen = await look('http://192.0.2.9:6385', {}, { http_proxy });
    expect(seen.verdict).toContain(`proxy ${http_proxy}: 127.0.0.1`);
    expect(seen.verdict).toContain('or put the host into no_proxy');
  });
});
