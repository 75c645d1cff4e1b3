import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { isLinkLocal } from '../../../src/system/index.ts';
import { makeCertificates, serving } from '../../kit/certificates.ts';
import { certificateOf } from '../../kit/conductor-call.ts';
import { datedCertificate } from '../../kit/dated-certificate.ts';
import { type PythonAsk, pythonGet } from '../../kit/python-client.ts';
import { type Lives, livesOf } from '../../kit/restart-kit.ts';
import { lookupDocument } from '../../kit/scripted-conductor.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

interface Served {
  readonly lives: Lives;
  readonly ca: string;
  /** As a conductor that offers these versions and trusts the heartbeat's certificate alone. */
  python(least: PythonAsk['least'], most: PythonAsk['most'], more?: Partial<PythonAsk>): ReturnType<typeof pythonGet>;
}

async function served(flags: readonly string[] = [], config: Readonly<Record<string, unknown>> = {}): Promise<Served> {
  const lives = await livesOf(flags, '1.96');
  lives.conductor.script('lookup', { status: 200, json: lookupDocument(config) });
  await lives.start();
  const ca = certificateOf(await lives.conductor.nth('heartbeat', 1));
  const base = { ca, host: '127.0.0.1', port: lives.place.port, path: '/v1/status' };
  return { lives, ca, python: (least, most, more = {}) => pythonGet({ ...base, least, most, strict: true, ...more }) };
}

describe('check 22: the API over automatic TLS', () => {
  it('serves a client that takes TLS 1.3 only, one that has 1.2 only, and none with 1.1, its certificate as sole anchor', async () => {
    const { ca, python } = await served();
    const [modern, old, ancient, usual] = await Promise.all([
      python('1.3', '1.3'),
      python('1.2', '1.2'),
      python('1.1', '1.1'),
      python('1.2', '1.3', { strict: false }),
    ]);
    expect(modern).toMatchObject({ version: 'TLSv1.3', status: 200, body: expect.stringContaining('started_at') });
    expect(old).toMatchObject({ version: 'TLSv1.2', status: 200 });
    expect(ancient).toEqual({ refused: expect.stringMatching(/PROTOCOL|VERSION/) });
    expect(usual).toMatchObject({ version: 'TLSv1.3', status: 200 });
    // The name is checked: the same server under another name is refused.
    expect(await python('1.3', '1.3', { host: 'localhost' })).toEqual({ refused: expect.stringContaining('VERIFY') });
    const nics = Object.values(networkInterfaces()).flat();
    const others = nics.flatMap((nic) =>
      nic === undefined || nic.internal || isLinkLocal(nic.address) ? [] : [nic.address],
    );
    for (const address of others) expect(new X509Certificate(ca).checkIP(address)).toBe(address);
    const age = Date.now() - new X509Certificate(ca).validFromDate.getTime();
    expect(age).toBeGreaterThan(3_600_000 - 5_000);
    expect(age).toBeLessThan(3_600_000 + 120_000);
  });

  it.each(['p256', 'p521'])('verifies strictly with curve %s', async (curve) => {
    const { python } = await served(['--tls_certificate_curve', curve]);
    expect(await python('1.3', '1.3')).toMatchObject({ version: 'TLSv1.3', status: 200 });
    expect(await python('1.2', '1.2')).toMatchObject({ version: 'TLSv1.2', status: 200 });
  });

  it('takes floor and suites from the lookup answer, for the server', async () => {
    const strict = await served([], { tls_min_version: '1.3' });
    expect(await strict.python('1.3', '1.3')).toMatchObject({ version: 'TLSv1.3' });
    expect(await strict.python('1.2', '1.2')).toHaveProperty('refused');
    // The agent itself still reaches a conductor whose API it dialled before, and beats on.
    expect(strict.lives.conductor.seen('heartbeat').length).toBeGreaterThan(0);
  });

  it('ignores suites of the lookup answer that OpenSSL does not know, and says so', async () => {
    const { lives, python } = await served([], { tls_cipher_suites: 'NO_SUCH_SUITE' });
    expect(await python('1.2', '1.2')).toMatchObject({ version: 'TLSv1.2', status: 200 });
    expect(lives.conductor.seen('heartbeat').length).toBeGreaterThan(0);
  });
});

describe('check 22: the API with a certificate of the operator', () => {
  it('serves it, and advertises https when told to', async () => {
    const own = makeCertificates();
    open.push(own);
    const lives = await livesOf(serving(own), '1.96');
    lives.conductor.script('lookup', { status: 200, json: lookupDocument({ tls_min_version: '1.3' }) });
    await lives.start();
    const { body } = await lives.conductor.nth('heartbeat', 1);
    expect(body).toMatchObject({ callback_url: `https://127.0.0.1:${lives.place.port}` });
    expect(body).not.toHaveProperty('agent_verify_ca');
    const ask = {
      ca: own.ca,
      host: '127.0.0.1',
      port: lives.place.port,
      path: '/v1/status',
    };
    expect(await pythonGet({ ...ask, least: '1.3', most: '1.3', strict: false })).toMatchObject({ status: 200 });
    expect(await pythonGet({ ...ask, least: '1.2', most: '1.2', strict: false })).toHaveProperty('refused');
  });

  it.each<readonly [string, number, number, readonly string[], readonly RegExp[]]>([
    [
      'is not valid yet',
      3,
      9,
      ['--advertise_protocol', 'https'],
      [/certificate\.doubtful .*is not valid before 20.*Z, but this machine's clock says 20/],
    ],
    [
      'has expired',
      -9,
      -3,
      ['--advertise_protocol', 'https'],
      [/certificate\.doubtful .*has expired on 20.*clock says/],
    ],
    [
      'is for another host',
      -1,
      9,
      ['--advertise_protocol', 'https', '--advertise_host', 'localhost'],
      [/certificate\.doubtful .*is for IP Address:127\.0\.0\.1, but the conductor is told to call localhost/],
    ],
    [
      'is good, but not advertised',
      -1,
      9,
      [],
      [/certificate\.not_advertised .*told to call http; set advertise_protocol to https/],
    ],
    [
      'has nothing right',
      -9,
      -3,
      ['--advertise_host', 'localhost'],
      [/doubtful .*has expired/, /doubtful .*told to call localhost/, /not_advertised/],
    ],
  ])(
    'names what keeps a conductor from one that %s, and serves it: the clock may be wrong',
    async (_case, from, until, flags, words) => {
      const directory = mkdtempSync('/tmp/own-certificate-');
      open.push({ close: () => rmSync(directory, { recursive: true }) });
      datedCertificate(directory, from, until);
      const pair = ['--tls_cert_file', `${directory}/dated.pem`, '--tls_key_file', `${directory}/dated.key`];
      const lives = await livesOf(['--listen_tls', ...pair, ...flags], '1.96');
      const agent = await lives.start();
      await lives.conductor.nth('heartbeat', 1);
      for (const word of words) expect(agent.output()).toMatch(word);
      expect(agent.output().match(/ certificate\.(doubtful|not_advertised) /g)).toHaveLength(words.length);
    },
  );

  it.each([
    [
      'a key of another pair',
      'server.pem',
      'client.key',
      /tls_key_file .*client\.key does not belong to tls_cert_file/,
    ],
    ['a file that is no certificate', 'server.key', 'server.key', /tls_cert_file .*server\.key cannot be used/],
    ['an absent file', 'nothing.pem', 'server.key', /tls_cert_file .*nothing\.pem cannot be used: ENOENT/],
  ])('says what is wrong with %s and keeps trying', async (_case, cert, key, words) => {
    const own = makeCertificates();
    open.push(own);
    const lives = await livesOf(
      ['--listen_tls', '--tls_cert_file', `${own.dir}/${cert}`, '--tls_key_file', `${own.dir}/${key}`],
      '1.96',
    );
    const agent = await lives.start();
    await agent.sees(words);
    expect(lives.conductor.seen('heartbeat')).toEqual([]);
  });
});
