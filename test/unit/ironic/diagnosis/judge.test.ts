import { describe, expect, it } from 'vitest';
import { judge, type PathFacts } from '../../../../src/ironic/index.ts';
import type { CertificateFacts, Handshake } from '../../../../src/system/index.ts';

const NOW = Date.UTC(2026, 10, 25, 12);
const DAY = 86_400_000;
const route = { from: '10.0.0.5', device: 'eth0', gateway: '10.0.0.1' };
const open = { address: '10.0.0.9', route, dialled: { from: '10.0.0.5' } };
const shut = (code: string) => ({ address: '10.0.0.9', route, dialled: { code } });
const eth0 = { name: 'eth0', carrier: true, addresses: ['10.0.0.5', 'fe80::5'] };
const leaf: CertificateFacts = {
  subject: 'CN=api',
  issuer: 'CN=lab authority',
  names: 'DNS:api',
  validFrom: NOW - DAY,
  validTo: NOW + DAY,
};
const shaken = (fault: string | null, chain: readonly CertificateFacts[] = [leaf]): Handshake => ({
  protocol: 'TLSv1.3',
  fault,
  chain,
});

const facts = (more: Partial<PathFacts> = {}): PathFacts => ({
  target: { role: 'Ironic API', url: 'https://api:6385' },
  ours: NOW,
  theirs: null,
  links: [eth0],
  proxy: null,
  host: 'api',
  port: 6385,
  resolution: { addresses: ['10.0.0.9'] },
  ways: [open],
  handshake: shaken(null),
  cafile: null,
  insecure: false,
  minVersion: '1.2',
  http: { status: 200, apiVersion: '1.96', excerpt: '{' },
  ...more,
});

/** Nothing was reached beyond the network. */
const dead: Partial<PathFacts> = { handshake: null, http: null };
const silent = [{ server: '10.0.0.2', said: 'no answer' }] as const;

describe('verdict', () => {
  it('there is none when the way is free', () => {
    const { verdict, finding, checks } = judge(facts());
    expect([verdict, finding]).toEqual([null, null]);
    expect(checks.map(({ name, text }) => `${name}: ${text}`)).toEqual([
      'link: eth0 has link (10.0.0.5, fe80::5)',
      'address: 10.0.0.5',
      'name: api is 10.0.0.9',
      'route: 10.0.0.9 from 10.0.0.5 via 10.0.0.1 on eth0',
      'connection: 10.0.0.9:6385 answers to 10.0.0.5',
      'TLS: TLSv1.3, certificate CN=api until 2026-11-26T12:00:00.000Z',
      'API: Ironic API 1.96',
    ]);
  });

  it.each<[string, Partial<PathFacts>, string, string]>([
    ['no NIC', { links: [], ways: [], ...dead }, 'link', 'no network interface: check that the ramdisk has the driver'],
    [
      'no carrier',
      { links: [{ ...eth0, carrier: false }], ways: [], ...dead },
      'link',
      'no network link: eth0 has no link (10.0.0.5, fe80::5): check cable',
    ],
    [
      'interface down',
      { links: [{ name: 'eth0', carrier: null, addresses: [] }], ways: [], ...dead },
      'link',
      'eth0 is down',
    ],
    [
      'link-local only',
      { links: [{ ...eth0, addresses: ['fe80::5'] }], ways: [], ...dead },
      'address',
      'no usable IP address: eth0 has link (fe80::5): check the DHCP server',
    ],
    [
      'unknown name',
      { resolution: { code: 'ENOTFOUND', servers: [{ server: '10.0.0.2', said: 'no such name' }] }, ways: [], ...dead },
      'name',
      'its name api cannot be resolved, ENOTFOUND (10.0.0.2: no such name): check the name in the URL',
    ],
    [
      'silent DNS',
      { resolution: { code: 'EAI_AGAIN', servers: silent }, ways: [], ...dead },
      'name',
      'EAI_AGAIN (10.0.0.2: no answer): check that the DNS servers which DHCP gives can be reached',
    ],
    [
      'no DNS',
      { resolution: { code: 'EAI_AGAIN', servers: [] }, ways: [], ...dead },
      'name',
      '(no DNS server is configured): check that DHCP gives a DNS server',
    ],
    [
      'no route',
      { ways: [{ ...shut('ENETUNREACH'), route: null }], ...dead },
      'route',
      'no route to 10.0.0.9: check the default gateway',
    ],
    [
      'refused',
      { ways: [shut('ECONNREFUSED')], ...dead },
      'connection',
      '10.0.0.9:6385 refuses the connection: check that the service runs',
    ],
    [
      'dropped',
      { ways: [shut('ETIMEDOUT')], ...dead },
      'connection',
      '10.0.0.9:6385 does not answer: check that the server is up and that no firewall',
    ],
    [
      'absent host',
      { ways: [shut('EHOSTUNREACH')], ...dead },
      'connection',
      '10.0.0.9:6385 is not there: check the address, the VLAN',
    ],
    ['odd code', { ways: [shut('EODD')], ...dead }, 'connection', 'cannot be dialled (EODD)'],
    [
      'dead IPv6',
      { ways: [{ ...shut('ETIMEDOUT'), address: '2001:db8::9' }], ...dead },
      'connection',
      '[2001:db8::9]:6385 does not answer',
    ],
    [
      'dead proxy',
      { proxy: 'http://p:3128', ways: [shut('ECONNREFUSED')], ...dead },
      'connection',
      'proxy http://p:3128: 10.0.0.9:6385 refuses the connection: check that the service runs and listens on this address and port, or put the host into no_proxy',
    ],
    [
      'name of proxy',
      { proxy: 'http://p:3128', host: 'p', resolution: { code: 'ENOTFOUND', servers: [] }, ways: [], ...dead },
      'name',
      "the proxy's name p cannot be resolved",
    ],
    [
      'other names',
      { handshake: shaken('ERR_TLS_CERT_ALTNAME_INVALID'), http: null },
      'certificate',
      'TLS certificate is for DNS:api, not for api: use one of its names',
    ],
    [
      'unknown authority',
      { handshake: shaken('SELF_SIGNED_CERT_IN_CHAIN'), http: null },
      'certificate',
      "TLS certificate CN=api of issuer CN=lab authority is not trusted by the ramdisk's authorities (SELF_SIGNED_CERT_IN_CHAIN): set cafile",
    ],
    [
      'wrong cafile',
      { handshake: shaken('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), cafile: '/etc/ca.pem', http: null },
      'certificate',
      'is not trusted by cafile /etc/ca.pem',
    ],
    [
      'odd certificate',
      { handshake: shaken('CERT_REVOKED'), http: null },
      'certificate',
      'TLS certificate is refused: CERT_REVOKED',
    ],
    [
      'plain server',
      { handshake: { code: 'ERR_SSL_WRONG_VERSION_NUMBER', message: 'wrong version number' }, http: null },
      'tls',
      'the server speaks no TLS on this port (the agent offers TLS 1.2 and 1.3; ERR_SSL_WRONG_VERSION_NUMBER: wrong version number): use http://',
    ],
    [
      'old TLS',
      { handshake: { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', message: '' }, minVersion: '1.3', http: null },
      'tls',
      'share no TLS version (the agent offers TLS 1.3 only; ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION): set tls_min_version to 1.2',
    ],
    [
      'ciphers',
      { handshake: { code: 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', message: '' }, http: null },
      'tls',
      'share no cipher suite',
    ],
    [
      'client certificate',
      { handshake: { code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', message: '' }, http: null },
      'tls',
      'set certfile and keyfile',
    ],
    [
      'half-open',
      { handshake: { code: 'ETIMEDOUT', message: 'no answer within 5 s' }, http: null },
      'tls',
      'does not answer the TLS handshake',
    ],
    [
      'cut handshake',
      { handshake: { code: 'ECONNRESET', message: '' }, http: null },
      'tls',
      'cuts the connection in the TLS handshake',
    ],
    [
      'missing cafile',
      { handshake: { code: 'ENOENT', message: "open '/x.pem'" }, http: null },
      'tls',
      "ENOENT: open '/x.pem'): check cafile",
    ],
    [
      'silent service',
      { http: { code: 'ETIMEDOUT', why: 'GET https://api:6385/: no answer within 5 s' } },
      'api',
      'no HTTP answer: GET https://api:6385/: no answer within 5 s: check the service',
    ],
    [
      'broken service',
      { http: { status: 503, apiVersion: null, excerpt: 'No server is available' } },
      'api',
      'the server answers 503: No server is available: check the service behind',
    ],
    [
      'a portal',
      { http: { status: 200, apiVersion: null, excerpt: '<html>' } },
      'api',
      'what answers with status 200 is no Ironic API: <html>: check host, port and path of the URL; a load balancer',
    ],
    [
      'a proxy portal',
      { proxy: 'http://p:3128', handshake: null, http: { status: 403, apiVersion: null, excerpt: 'denied' } },
      'api',
      'proxy http://p:3128 may answer in its place',
    ],
    [
      'proxy password',
      { proxy: 'http://p:3128', handshake: null, http: { status: 407, apiVersion: null, excerpt: '' } },
      'api',
      'the proxy wants a password',
    ],
  ])('%s', (_case, more, kind, words) => {
    const { verdict, finding } = judge(facts(more));
    expect(finding).toEqual({ kind });
    expect(verdict).toMatch(/^cannot reach https:\/\/api:6385: /);
    expect(verdict).toContain(words);
  });

  it('credentials of a URL stay out of it', () => {
    const target = { role: 'Ironic API', url: 'https://user:word@api:6385' } as const;
    expect(judge(facts({ target, ways: [shut('ECONNREFUSED')], ...dead })).verdict).not.toContain('word');
  });
});

describe('a certificate outside its validity time', () => {
  const EPOCH = Date.UTC(2019, 0, 1);
  const early = { handshake: shaken('CERT_NOT_YET_VALID'), http: null };
  const late = { handshake: shaken('CERT_HAS_EXPIRED'), http: null };

  it('names both dates and our clock, and the clock is the finding', () => {
    const { verdict, finding } = judge(facts({ ...early, ours: EPOCH }));
    expect(verdict).toBe(
      "cannot reach https://api:6385: TLS certificate CN=api is not valid before 2026-11-24T12:00:00.000Z but this machine's clock says 2019-01-01T00:00:00.000Z: set ntp_server or the BIOS clock",
    );
    expect(finding).toEqual({ kind: 'clock', theirs: leaf.validFrom, ours: EPOCH });
  });

  it('takes the time that the server told', () => {
    const { verdict, finding } = judge(facts({ ...early, ours: EPOCH, theirs: NOW }));
    expect(verdict).toContain("the server's says 2026-11-25T12:00:00.000Z: set ntp_server");
    expect(finding).toEqual({ kind: 'clock', theirs: NOW, ours: EPOCH });
  });

  it('is a clock that runs ahead when the server says so', () => {
    const ours = NOW + 900 * DAY;
    expect(judge(facts({ ...late, ours, theirs: NOW })).finding).toEqual({ kind: 'clock', theirs: NOW, ours });
  });

  it.each([
    ['both clocks agree', NOW + 30 * DAY],
    ['the server tells no time', null],
  ])('is the certificate when it has expired and %s', (_case, theirs) => {
    const { verdict, finding } = judge(facts({ ...late, ours: NOW + 30 * DAY, theirs }));
    expect(finding).toEqual({ kind: 'certificate' });
    expect(verdict).toContain('is not valid after 2026-11-26T12:00:00.000Z');
    expect(verdict).toContain('renew it');
  });

  it('may be further up the chain', () => {
    const authority = { ...leaf, subject: 'CN=lab authority', validTo: NOW - 1 };
    const { verdict } = judge(facts({ handshake: shaken('CERT_HAS_EXPIRED', [leaf, authority]), http: null }));
    expect(verdict).toContain('TLS certificate CN=lab authority is not valid after');
  });

  it('does not matter with insecure', () => {
    const seen = judge(facts({ handshake: shaken('CERT_HAS_EXPIRED'), insecure: true }));
    expect(seen.verdict).toBeNull();
  });
});

it('an inspection callback may answer anything but a fault of its own', () => {
  const target = { role: 'inspection callback', url: 'http://inspector:5050/v1/continue' } as const;
  const said = (status: number) => judge(facts({ target, http: { status, apiVersion: null, excerpt: 'x' } })).verdict;
  expect([said(404), said(405)]).toEqual([null, null]);
  expect(said(502)).toContain('the server answers 502');
});

it('a server on the loopback device needs neither link nor address', () => {
  expect(judge(facts({ links: [] })).verdict).toBeNull();
});
