import { describe, expect, it } from 'vitest';
import { resolve } from './given.ts';

/** The value that a kernel parameter's text becomes, or 'bad'. */
function read(parameter: string, key: keyof ReturnType<typeof resolve>['config'], text: string): unknown {
  const resolved = resolve({ kernel: `"${parameter}=${text}"` });
  return resolved.warnings.length > 0 ? 'bad' : resolved.config[key];
}

describe('how values are spelled', () => {
  it.each([
    ['true', true],
    ['True', true],
    ['1', true],
    ['on', true],
    ['YES', true],
    ['false', false],
    ['0', false],
    ['Off', false],
    ['no', false],
    ['t', 'bad'],
    ['2', 'bad'],
    ['', 'bad'],
  ])('bool %j is %s', (text, value) => {
    expect(read('ipa-insecure', 'insecure', text)).toBe(value);
  });

  it.each([
    ['0', 0],
    ['007', 7],
    [' 42 ', 42],
    ['+5', 5],
    ['65535', 65535],
    ['65536', 'bad'],
    ['-1', 'bad'],
    ['1.0', 'bad'],
    ['1e3', 'bad'],
    ['0x10', 'bad'],
    ['', 'bad'],
    ['99999999999999999999999', 'bad'],
  ])('port %j is %s', (text, value) => {
    expect(read('ipa-listen-port', 'listenPort', text)).toBe(value);
  });

  it.each([
    ['30', 30],
    ['.5', 0.5],
    ['2.5e1', 25],
    ['-1', 'bad'],
    ['nan', 'bad'],
    ['inf', 'bad'],
    ['1e999', 'bad'],
  ])('number %j is %s', (text, value) => {
    expect(read('ipa-lldp-timeout', 'lldpTimeout', text)).toBe(value);
  });

  it.each([
    ['a', ['a']],
    [' a , b ,, c', ['a', 'b', 'c']],
    ['', null],
  ])('list %j is %j', (text, value) => {
    expect(read('ipa-inspection-collectors', 'inspectionCollectors', text)).toEqual(value);
  });

  it.each([
    ['http://a/,https://b:6385', ['http://a/', 'https://b:6385']],
    ['mdns', ['mdns']],
    ['', []],
    ['ftp://a', 'bad'],
    ['http://a b', 'bad'],
    ['http://', 'bad'],
    ['mdnsx', 'bad'],
  ])('api url %j is %j', (text, value) => {
    expect(read('ipa-api-url', 'apiUrl', text)).toEqual(value);
  });

  it.each([
    ['a:b', { a: 'b' }],
    ['a:b,c:d:e', { a: 'b', c: 'd:e' }],
    ['', {}],
    ['__proto__:x', JSON.parse('{"__proto__":"x"}')],
  ])('dict %j is %j', (text, value) => {
    const { config } = resolve({ env: { OS_MDNS__PARAMS: text } });
    expect(config.mdnsParams).toEqual(value);
  });

  it.each(['a', ':b', 'a:b,c'])('dict %j is refused', (text) => {
    expect(() => resolve({ env: { OS_MDNS__PARAMS: text } })).toThrow('key:value pairs');
  });

  it.each([
    ['pool.ntp.org', true],
    ['fd00::1', true],
    ['10.0.0.1;reboot', false],
    ['-q', false],
    ['a'.repeat(254), false],
  ])('time server %j is accepted: %s', (text, good) => {
    expect(read('ipa-ntp-server', 'ntpServer', text)).toBe(good ? text : 'bad');
  });

  it.each([
    ['1', true],
    ['T', true],
    ['y', true],
    ['yes', true],
    ['0', false],
    ['whatever', false],
    ['', false],
  ])('ipa-debug=%j means %s', (text, value) => {
    expect(read('ipa-debug', 'debug', text)).toBe(value);
  });
});
