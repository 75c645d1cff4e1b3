import { describe, expect, it } from 'vitest';
import { ipFamily, isLinkLocal, tlsProtocolOptions, unmapped } from '../../../src/system/index.ts';

describe('addresses', () => {
  it.each([
    ['10.0.0.1', 4, false],
    ['169.254.3.4', 4, true],
    ['169.255.0.1', 4, false],
    ['2001:db8::1', 6, false],
    ['fe80::1', 6, true],
    ['febf::1', 6, true],
    ['fec0::1', 6, false],
    ['::ffff:169.254.0.1', 6, true],
    ['node-1', 0, false],
    ['', 0, false],
  ])('%j: family %i, link-local %s', (address, family, linkLocal) => {
    expect(ipFamily(address)).toBe(family);
    expect(isLinkLocal(address)).toBe(linkLocal);
  });

  it('sees a link-local address behind its zone', () => expect(isLinkLocal('fe80::1%eth0')).toBe(true));

  it.each([
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['10.0.0.1', '10.0.0.1'],
    ['2001:db8::ffff:1', '2001:db8::ffff:1'],
  ])('%s is %s', (mapped, plain) => expect(unmapped(mapped)).toBe(plain));
});

describe('TLS protocol options', () => {
  it('always keep the TLS 1.3 suites', () => {
    expect(tlsProtocolOptions({ minVersion: '1.3', ciphers: null }).minVersion).toBe('TLSv1.3');
    const chosen = tlsProtocolOptions({ minVersion: '1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' });
    expect(chosen.minVersion).toBe('TLSv1.2');
    expect(chosen.ciphers).toMatch(/^TLS_AES_256_GCM_SHA384:.*:ECDHE-RSA-AES128-GCM-SHA256$/);
  });
});
