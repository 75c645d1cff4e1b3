import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSecrets } from '../../src/core/index.ts';
import { type CertificateSettings, createApi, makeCertificate } from '../../src/ironic/index.ts';
import { createFiles, createLog, createTools, systemClock, tlsProtocolOptions } from '../../src/system/index.ts';
import { apiSettings, ironicKit, plainTls } from '../kit/ironic-ports.ts';
import { type ScriptedConductor, startConductor } from '../kit/scripted-conductor.ts';

let directory = '';
beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'ironic-certificate-')), 'run');
});
const closing: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
  rmSync(join(directory, '..'), { recursive: true });
});

const { signal } = new AbortController();
const log = createLog({
  debug: true,
  format: 'json',
  secrets: createSecrets(),
  destination: { write: () => undefined },
});
const ports = { tools: createTools(log), files: createFiles(), clock: systemClock, log };
const settings = (more: Partial<CertificateSettings> = {}): CertificateSettings => ({
  directory,
  host: '127.0.0.1',
  otherAddresses: [],
  curve: 'p384',
  allowedClockSkewMs: 3_600_000,
  hostname: 'debian-ramdisk',
  ...more,
});
const make = (more: Partial<CertificateSettings> = {}) => makeCertificate(ports, settings(more), signal);
const HOUR = 3_600_000;

describe('generated certificate (check 22)', () => {
  it('has the properties that conductors rely on', async () => {
    const before = Date.now();
    const { certPath, keyPath, certPem } = await make();
    const certificate = new X509Certificate(certPem);
    expect(readFileSync(certPath, 'utf8')).toBe(certPem);
    expect(certPem).toMatch(/^-----BEGIN CERTIFICATE-----\n[^-]*-----END CERTIFICATE-----\n$/);
    expect(certPem.length).toBeLessThan(1000);
    expect(readFileSync(keyPath, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(certificate.subject).toBe('CN=debian-ramdisk');
    expect(certificate.issuer).toBe(certificate.subject);
    expect(certificate.subjectAltName).toBe('IP Address:127.0.0.1');
    expect(certificate.ca).toBe(false);
    expect(Math.abs(certificate.validFromDate.getTime() - (before - HOUR))).toBeLessThan(10_000);
    expect(Math.abs(certificate.validToDate.getTime() - (before + 30 * 24 * HOUR))).toBeLessThan(10_000);
    const text = execFileSync('openssl', ['x509', '-in', certPath, '-noout', '-text'], { encoding: 'utf8' });
    expect(text).toMatch(/Signature Algorithm: ecdsa-with-SHA512/);
    expect(text).toMatch(/Subject Alternative Name: critical/);
    expect(text).not.toMatch(/Key Usage: critical|X509v3 Key Usage/);
  });

  it('keeps the key to root and leaves nothing else behind', async () => {
    const { keyPath } = await make();
    expect(statSync(keyPath).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(readdirSync(directory).sort()).toEqual(['agent.crt', 'agent.key']);
  });

  it.each([
    ['p256', 'prime256v1'],
    ['p521', 'secp521r1'],
  ] as const)('can use curve %s', async (curve, name) => {
    const { certPem } = await make({ curve });
    expect(new X509Certificate(certPem).publicKey.asymmetricKeyDetails?.namedCurve).toBe(name);
  });

  it.each([
    ['2001:db8::1', 'IP Address:2001:DB8:0:0:0:0:0:1'],
    ['node-1.example', 'DNS:node-1.example'],
  ])('names %s', async (host, name) => {
    expect(new X509Certificate((await make({ host })).certPem).subjectAltName).toBe(name);
  });

  it('names every other address too, and a strict verifier takes each', async () => {
    const { certPath, certPem } = await make({ host: 'node-1.example', otherAddresses: ['192.0.2.7', '2001:db8::7'] });
    expect(new X509Certificate(certPem).subjectAltName).toBe(
      'DNS:node-1.example, IP Address:192.0.2.7, IP Address:2001:DB8:0:0:0:0:0:7',
    );
    for (const ip of ['192.0.2.7', '2001:db8::7']) {
      const verify = ['verify', '-x509_strict', '-purpose', 'sslserver', '-verify_ip', ip, '-CAfile', certPath];
      expect(execFileSync('openssl', [...verify, certPath], { encoding: 'utf8' })).toContain('OK');
    }
    const most = Array.from({ length: 16 }, (_none, at) => `2001:db8::${at + 1}`);
    expect((await make({ otherAddresses: most })).certPem.length).toBeLessThan(2000);
  });

  it('refuses a host that is neither address nor name', async () => {
    await expect(make({ host: 'a b' })).rejects.toThrow('a b is neither an IP address nor a host name');
  });

  it('is trusted by strict verifiers as the only anchor', async () => {
    const { certPath } = await make();
    const verify = ['verify', '-x509_strict', '-purpose', 'sslserver', '-verify_ip', '127.0.0.1', '-CAfile', certPath];
    expect(execFileSync('openssl', [...verify, certPath], { encoding: 'utf8' })).toContain('OK');
    expect(() => execFileSync('openssl', [...verify.with(5, '127.0.0.2'), certPath], { stdio: 'pipe' })).toThrow();
  });
});

describe('certificate after a restart', () => {
  it('is the same while it serves', async () => {
    const first = await make();
    expect(await make()).toEqual(first);
    // The conductor would refuse a new one, and has no use for other addresses.
    expect(await make({ otherAddresses: ['192.0.2.7'] })).toEqual(first);
  });

  it.each([
    ['another address', { host: '127.0.0.2' }],
    ['another curve', { curve: 'p256' }],
  ] as const)('is a new one for %s', async (_case, more) => {
    const first = await make();
    expect((await make(more)).certPem).not.toBe(first.certPem);
  });

  it.each([
    [
      'a key of another pair',
      async () => {
        const first = readFileSync((await make()).certPath);
        writeFileSync((await make({ host: '127.0.0.2' })).certPath, first);
      },
    ],
    ['a broken certificate', async () => writeFileSync((await make()).certPath, 'nonsense')],
    ['a missing key', async () => rmSync((await make()).keyPath)],
  ])('is a new one after %s', async (_case, spoil) => {
    await spoil();
    const { certPem, certPath, keyPath } = await make();
    expect(new X509Certificate(certPem).checkIP('127.0.0.1')).toBe('127.0.0.1');
    const modulus = (...args: string[]) => execFileSync('openssl', args, { encoding: 'utf8' });
    expect(modulus('x509', '-in', certPath, '-noout', '-pubkey')).toBe(modulus('pkey', '-in', keyPath, '-pubout'));
  });

  it.each([
    ['has expired', 31 * 24],
    ['ends within the hour', 30 * 24 - 0.5],
  ])('is a new one when the old one %s', async (_case, hours) => {
    const first = await make();
    const later = { ...systemClock, now: () => Date.now() + hours * HOUR };
    const second = await makeCertificate({ ...ports, clock: later }, settings(), signal);
    expect(second.certPem).not.toBe(first.certPem);
  });

  it('can be made with a dead clock battery', async () => {
    const clock = { ...systemClock, now: () => 1000 };
    const { certPem } = await makeCertificate({ ...ports, clock }, settings(), signal);
    expect(new X509Certificate(certPem).validFromDate.toISOString()).toBe('1969-12-31T23:00:01.000Z');
  });
});

async function serve(protocol: Parameters<typeof tlsProtocolOptions>[0]): Promise<{ port: number; certPem: string }> {
  const { certPem, keyPath } = await make();
  const server: Server = createServer({ cert: certPem, key: readFileSync(keyPath), ...tlsProtocolOptions(protocol) });
  closing.push(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : 0, certPem };
}

async function handshake(port: number, options: ConnectionOptions): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, ...options });
  try {
    await once(socket, 'secureConnect');
    return `${socket.getProtocol()} ${socket.authorized} ${socket.getCipher().name}`;
  } finally {
    socket.destroy();
  }
}

describe('TLS with the generated certificate (check 22)', () => {
  const only = (version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3') => ({ minVersion: version, maxVersion: version });
  const feeble = { ciphers: 'DEFAULT@SECLEVEL=0' };

  it('accepts 1.3 and 1.2 with the certificate as sole anchor, refuses 1.1', async () => {
    const { port, certPem: ca } = await serve({ minVersion: '1.2', ciphers: null });
    expect(await handshake(port, { ca, ...only('TLSv1.3') })).toBe('TLSv1.3 true TLS_AES_256_GCM_SHA384');
    expect(await handshake(port, { ca, ...only('TLSv1.2') })).toBe('TLSv1.2 true ECDHE-ECDSA-AES256-GCM-SHA384');
    await expect(handshake(port, { ca, ...only('TLSv1.1'), ...feeble })).rejects.toThrow(/alert protocol version/i);
  });

  it('accepts 1.3 only when told so, and keeps 1.3 with an own suite list', async () => {
    const strict = await serve({ minVersion: '1.3', ciphers: null });
    await expect(handshake(strict.port, { ca: strict.certPem, ...only('TLSv1.2') })).rejects.toThrow(/version/i);
    expect(await handshake(strict.port, { ca: strict.certPem })).toMatch(/^TLSv1\.3 true/);
    const chosen = await serve({ minVersion: '1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' });
    const { certPem: ca } = chosen;
    expect(await handshake(chosen.port, { ca, ...only('TLSv1.2') })).toBe('TLSv1.2 true ECDHE-ECDSA-AES128-GCM-SHA256');
    expect(await handshake(chosen.port, { ca })).toMatch(/^TLSv1\.3 true/);
  });
});

describe('requests to an API behind TLS', () => {
  const conductor = async (): Promise<ScriptedConductor & { readonly cafile: string }> => {
    const { certPem, certPath, keyPath } = await make();
    const one = await startConductor({ tls: { cert: certPem, key: readFileSync(keyPath, 'utf8') }, version: '1.70' });
    closing.push(() => one.close());
    return { ...one, cafile: certPath };
  };
  const ask = (url: string, tls: typeof plainTls) =>
    createApi(ironicKit().ports, apiSettings([url], { tls })).request(
      { method: 'GET', path: '/v1/lookup?addresses=', newest: { major: 1, minor: 62 } },
      signal,
    );

  it('trusts the named authority', async () => {
    const { url, cafile } = await conductor();
    expect((await ask(url, { ...plainTls, cafile })).status).toBe(200);
  });

  it('trusts nobody else, says so, and trusts anybody when told to', async () => {
    const { url } = await conductor();
    await expect(ask(url, plainTls)).rejects.toThrow(/its certificate is not trusted \(set cafile to its authority\)/);
    expect((await ask(url, { ...plainTls, insecure: true })).status).toBe(200);
  });

  it('does not trust a server because it was asked without checks before', async () => {
    const { url } = await conductor();
    const { ports } = ironicKit();
    const api = createApi(ports, apiSettings([url]));
    expect(await api.probe(signal)).toHaveLength(1);
    expect(await api.apiVersion(signal)).toEqual({ major: 1, minor: 31 });
    await expect(api.request({ method: 'GET', path: '/v1/x', newest: { major: 1, minor: 1 } }, signal)).rejects.toThrow(
      'certificate is not trusted',
    );
  });

  it('names a missing file', async () => {
    const { url } = await conductor();
    await expect(ask(url, { ...plainTls, cafile: '/no/such/ca.pem' })).rejects.toThrow('/no/such/ca.pem');
  });

  it('ignores a lone client certificate and says so', async () => {
    const { url, cafile } = await conductor();
    const kit = ironicKit();
    const tls = { ...plainTls, cafile, certfile: cafile };
    const api = createApi(kit.ports, apiSettings([url], { tls }));
    await api.apiVersion(signal);
    expect(kit.lines.join('')).toContain('certfile and keyfile must both be set');
    expect(await api.apiVersion(signal)).toEqual({ major: 1, minor: 70 });
  });
});
