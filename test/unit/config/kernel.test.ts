import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bootParameters,
  isOldKernelOrigin,
  normalizeBootif,
  options,
  parseKernelLine,
} from '../../../src/config/index.ts';
import { resolve } from './given.ts';

describe('the kernel command line', () => {
  it.each<[string, Record<string, string>]>([
    ['', {}],
    ['quiet ipa-debug nofb', {}],
    ['a=1 b=2\n', { a: '1', b: '2' }],
    ['a=1 a=2', { a: '2' }],
    ['a=b=c', { a: 'b=c' }],
    ['a=', { a: '' }],
    ['=a', {}],
    ['b="x y" c=1', { b: 'x y', c: '1' }],
    ['"b=x y" c=1', { b: 'x y', c: '1' }],
    ['b=x"y z"w', { b: 'xy zw' }],
    ['b="" c=1', { b: '', c: '1' }],
    ['b="x ipa-api-url=http://h/', { b: '"x', 'ipa-api-url': 'http://h/' }],
    ['a="x\nb="y\nc=1', { a: '"x', b: '"y', c: '1' }],
    ['__proto__=1', JSON.parse('{"__proto__":"1"}')],
  ])('%j', (line, expected) => {
    expect(Object.fromEntries(parseKernelLine(line))).toEqual(expected);
  });

  it('never throws, and keeps every value that has no quotes and no blanks', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.stringMatching(/^[^\s"=]+$/), (noise, value) => {
        const plain = noise.replaceAll('"', '');
        expect(parseKernelLine(`${plain} ipa-x=${value}`).get('ipa-x')).toBe(value);
        parseKernelLine(noise);
      }),
    );
  });

  it('a hostile line takes no time', () => {
    const start = performance.now();
    parseKernelLine(`${'"a'.repeat(20_000)}"`);
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it.each([
    ['aa:bb:cc:dd:ee:ff', 'aa:bb:cc:dd:ee:ff'],
    ['01-AA-bb-CC-dd-ee-0f', 'aa:bb:cc:dd:ee:0f'],
    ['AA-BB-CC-DD-EE-FF', 'aa:bb:cc:dd:ee:ff'],
    [' AA:BB:CC:DD:EE:FF ', 'aa:bb:cc:dd:ee:ff'],
    ['20-80-00-02-08-fe-80-00-01', '80:00:02:08:fe:80:00:01'],
    ['eth0', null],
    ['01-aa-bb', null],
    ['', null],
  ])('BOOTIF %j is %s', (value, mac) => {
    expect(normalizeBootif(value)).toBe(mac);
  });

  it.each([
    ['ironic_callback_url=http://a/', 'http://a/', 'ironic_callback_url'],
    ['ironic_callback_url=http://a/ discoverd_callback_url=http://b/', 'http://b/', 'discoverd_callback_url'],
    ['discoverd_callback_url=http://b/ inspector_callback_url=http://c/', 'http://c/', 'inspector_callback_url'],
    ['ipa-inspection-callback-url=http://d/ inspector_callback_url=http://c/', 'http://d/', null],
  ])('%s names the callback %s', (kernel, url, old) => {
    const { config, origins, warnings } = resolve({ kernel });
    expect(config.inspectionCallbackUrl).toBe(url);
    expect(isOldKernelOrigin(options.inspectionCallbackUrl, origins.inspectionCallbackUrl)).toBe(old !== null);
    expect(warnings).toEqual(
      old === null ? [] : [`${old} (kernel parameter ${old}) is an old name; write ipa-inspection-callback-url`],
    );
  });

  it('gives way to a virtual floppy, word by word', () => {
    const { values, originOf } = bootParameters('a=1 b=2 BOOTIF=x', {
      device: '/dev/sdb',
      text: 'b=3\r\nc=4 ir_pub_id=Y',
    });
    expect(Object.fromEntries(values)).toEqual({ a: '1', b: '3', c: '4', BOOTIF: 'x', ir_pub_id: 'Y' });
    expect(originOf('a')).toBe('kernel parameter a');
    expect(originOf('b')).toBe('parameter b of the virtual floppy /dev/sdb');
    const { origins } = resolve({ floppy: { device: '/dev/sdb', text: 'ironic_callback_url=http://a/' } });
    expect(isOldKernelOrigin(options.inspectionCallbackUrl, origins.inspectionCallbackUrl)).toBe(true);
  });

  it('and its floppy never show a secret in a warning', () => {
    const text = 'ipa-agent-tokn=correct-horse-battery-staple ipa-listen-port=x ipa-debug=yes';
    const { warnings, config } = resolve({ floppy: { device: '/dev/sdb', text } });
    expect(config.debug).toBe(true);
    expect(warnings).toEqual([
      'parameter ipa-agent-tokn of the virtual floppy /dev/sdb is unknown and ignored; did you mean ipa-agent-token?',
      expect.stringMatching(
        /^listen_port = "x" \(parameter ipa-listen-port of the virtual floppy \/dev\/sdb\) is not allowed/,
      ),
    ]);
  });

  it('points at misspelled parameters and leaves historic ones alone', () => {
    const { warnings } = resolve({
      kernel: 'ipa-api-ulr=http://h/ ipa-standalone=1 ipa-agent-token-required=1 ipa-zzz=1',
    });
    expect(warnings).toEqual(['kernel parameter ipa-api-ulr is unknown and ignored; did you mean ipa-api-url?']);
  });
});
