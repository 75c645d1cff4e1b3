import { describe, expect, it } from 'vitest';
import {
  alternativeName,
  commonName,
  opensslConfig,
  opensslTime,
} from '../../../src/ironic/certificate/openssl-config.ts';

describe('openssl configuration', () => {
  it.each([
    ['172.22.0.9', 'IP:172.22.0.9'],
    ['2001:db8::1', 'IP:2001:db8::1'],
    ['node-1.example.', 'DNS:node-1.example'],
  ])('names %s as %s', (host, name) => expect(alternativeName(host)).toBe(name));

  it.each(['', 'a b', 'x\n[ca]', 'a,DNS:evil', '$ENV::HOME', 'fe80::1%eth0', `${'a'.repeat(64)}.b`])(
    'refuses the host %j',
    (host) => expect(() => alternativeName(host)).toThrow('neither an IP address nor a host name'),
  );

  it.each([
    ['node-1.example', 'node-1.example'],
    ['', 'ironic-node-agent'],
    ['a/b=$c\nd', 'a-b--c-d'],
    ['x'.repeat(100), 'x'.repeat(64)],
  ])('turns the machine name %j into %j', (hostname, name) => expect(commonName(hostname)).toBe(name));

  it.each([
    ['2026-11-20T12:13:14.567Z', '261120121314Z'],
    ['1970-01-01T00:00:00Z', '700101000000Z'],
    ['2049-12-31T23:59:59Z', '491231235959Z'],
    ['2050-01-01T00:00:00Z', '20500101000000Z'],
  ])('writes %s as %s', (iso, time) => expect(opensslTime(Date.parse(iso))).toBe(time));

  it('is a server certificate with critical names, the first that of the conductor, and no key usage', () => {
    const otherAddresses = ['192.0.2.7', '10.0.0.1', '2001:db8::7'];
    const text = opensslConfig({ work: '/run/x', hostname: 'n', host: '10.0.0.1', otherAddresses });
    expect(text).toContain('\nsubjectAltName = critical, IP:10.0.0.1, IP:192.0.2.7, IP:2001:db8::7\n');
    expect(text).not.toMatch(/keyUsage = (?!serverAuth)/);
  });
});
