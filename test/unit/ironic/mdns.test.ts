import { describe, expect, it } from 'vitest';
import { chooseAddress, overridesOf, readService, type Service, serviceUrl } from '../../../src/ironic/index.ts';
import type { ServiceRecord } from '../../../src/system/index.ts';

const NAME = 'baremetal._openstack._tcp.local';
const srv: ServiceRecord = { type: 'SRV', name: NAME, target: 'c1.local', port: 6385 };
const a = (name: string, address: string): ServiceRecord => ({ type: 'A', name, address });
const txt = (...entries: readonly (string | Uint8Array)[]): ServiceRecord => ({
  type: 'TXT',
  name: NAME,
  entries: entries.map((entry) => (typeof entry === 'string' ? Buffer.from(entry) : entry)),
});

describe('records of a service', () => {
  it.each([
    ['nothing', []],
    ['no address', [srv, txt('path=/x')]],
    ['the address of another host', [srv, a('c2.local', '10.0.0.9')]],
    ['another service', [{ ...srv, name: 'other._openstack._tcp.local' }, a('c1.local', '10.0.0.1')]],
  ])('with %s describe none', (_name, records) => {
    expect(readService(NAME, records)).toBeNull();
  });

  it('take addresses of the target and of the instance, text without what is no text', () => {
    const binary = Uint8Array.of(0x6b, 0x3d, 0xff);
    const records = [srv, a('c1.local.', '10.0.0.1'), a(NAME, '10.0.0.2'), txt('path=/b=c', 'flag', binary)];
    expect(readService(`${NAME}.`, records)).toEqual({
      target: 'c1.local',
      port: 6385,
      addresses: ['10.0.0.1', '10.0.0.2'],
      text: { path: '/b=c' },
    });
  });
});

const service = (more: Partial<Service> = {}): Service => ({
  target: 'c1.local',
  port: 6385,
  addresses: [],
  text: {},
  ...more,
});

describe('the address of a service', () => {
  it.each([
    [['127.0.0.1', '10.0.0.1', '10.0.0.2'], ['10.0.0.2'], '10.0.0.2'],
    [['::1', 'fe80::1'], [], 'fe80::1'],
    [['127.0.0.1', '::1'], ['::1'], null],
  ])('of %j with routes to %j is %s', (addresses, routed, expected) => {
    expect(chooseAddress(addresses, new Set(routed))).toBe(expected);
  });

  it.each<readonly [string, Service, string, string]>([
    ['a local name gives way to the address', service(), '10.0.0.1', 'https://10.0.0.1:6385'],
    ['IPv6 stands in brackets', service(), '2001:db8::1', 'https://[2001:db8::1]:6385'],
    ['a real name stays', service({ target: 'api.example.com' }), '10.0.0.1', 'https://api.example.com:6385'],
    ['port 80 means http', service({ port: 80, text: { path: '/b' } }), '10.0.0.1', 'http://10.0.0.1:80/b'],
    ['the text decides', service({ text: { protocol: 'http' } }), '10.0.0.1', 'http://10.0.0.1:6385'],
  ])('%s', (_name, found, address, expected) => {
    expect(serviceUrl(found, address)).toBe(expected);
  });
});

describe('options in an answer', () => {
  const found = service({ text: { path: '/', ipa_debug: 'True', ipa_ntp_server: '10.0.0.5' } });
  it('are taken when allowed, the others named', () => {
    expect(overridesOf(found, ['ntp_server'])).toEqual({ values: { ntp_server: '10.0.0.5' }, refused: ['debug'] });
    expect(overridesOf(found, [])).toEqual({ values: { debug: 'True', ntp_server: '10.0.0.5' }, refused: [] });
  });
});
