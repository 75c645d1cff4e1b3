import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type SecureVersion } from 'node:tls';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tlsProtocolOptions } from '../../src/runtime/index.ts';
import { startTestApi, type TestApi } from '../kit/api.ts';

let dir: string;
let cert: string;
let api: TestApi;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'api-tls-'));
  const [keyPath, certPath] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyPath];
  await execa('openssl', ['req', '-x509', '-days', '1', ...key, '-out', certPath, ...names]);
  cert = readFileSync(certPath, 'utf8');
  const suites = tlsProtocolOptions({ minVersion: '1.2', ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' });
  const tls = { clientAuthority: null, cert, key: readFileSync(keyPath, 'utf8'), ...suites };
  api = await startTestApi({ commands: [], extensions: [], ports: {}, tls });
});
afterAll(async () => {
  await api.server.close();
  await rm(dir, { recursive: true });
});

const get = (path: string) =>
  new Promise<string>((resolve, reject) => {
    const call = request(`${api.base}${path}`, { ca: cert }, (answer) => {
      let text = '';
      answer.on('data', (part: Buffer) => {
        text += part.toString();
      });
      answer.on('end', () => resolve(`${answer.statusCode} ${answer.headers.location ?? ''} ${text}`));
    });
    call.on('error', reject).end();
  });

const handshake = (version: SecureVersion) =>
  new Promise<string>((resolve) => {
    const options = { ca: cert, minVersion: version, maxVersion: version, ciphers: 'ALL@SECLEVEL=0' };
    const socket = connect(api.server.port, '127.0.0.1', options, () => {
      resolve(socket.getProtocol() ?? '');
      socket.destroy();
    });
    socket.on('error', () => resolve('refused'));
  });

describe('HTTPS (check 22)', () => {
  it('serves with links and redirects of its own scheme', async () => {
    expect(await get('/')).toContain(`"href":"${api.base}/v1"`);
    expect(await get('/v1/commands')).toMatch(new RegExp(`^308 ${api.base}/v1/commands/`));
  });

  it.each([
    ['TLSv1.3', 'TLSv1.3'],
    ['TLSv1.2', 'TLSv1.2'],
    ['TLSv1.1', 'refused'],
  ] as const)('%s: %s', async (version, outcome) => {
    expect(await handshake(version)).toBe(outcome);
  });
});
