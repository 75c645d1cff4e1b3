import { describe, expect, it } from 'vitest';
import { planImage } from '../../../src/image/index.ts';
import { testSettings } from '../../kit/image-ports.ts';

const base = { id: 'i', urls: ['http://h/image.raw'], disk_format: 'raw' };
const hex = (digits: number) => 'AB'.repeat(digits / 2);
const plan = (info: Record<string, unknown>, settings = {}) =>
  planImage({ ...base, ...info }, { ...testSettings, ...settings });

describe('which digest counts', () => {
  it.each([
    [{ checksum: hex(32) }, 'md5', hex(32)],
    [{ checksum: hex(64) }, 'sha256', hex(64)],
    [{ checksum: `sha256:${hex(64)}` }, 'sha256', hex(64)],
    [{ checksum: hex(128) }, 'sha512', hex(128)],
    [{ checksum: hex(32), os_hash_algo: 'sha512', os_hash_value: hex(128) }, 'sha512', hex(128)],
    [{ checksum: null, os_hash_algo: 'SHA-256', os_hash_value: hex(64) }, 'sha256', hex(64)],
    [{ os_hash_algo: 'sha3_512', os_hash_value: hex(128) }, 'sha3-512', hex(128)],
    [{ checksum: hex(64), os_hash_algo: 'whirlpool', os_hash_value: hex(128) }, 'sha256', hex(64)],
  ])('%j -> %s', (info, algorithm, digest) => {
    expect(plan(info).expected).toMatchObject({ kind: 'value', algorithm, digest: digest.toLowerCase() });
  });

  it('an address of a checksum file', () => {
    expect(plan({ checksum: 'https://h/SUMS' }).expected).toEqual({
      kind: 'url',
      algorithm: null,
      url: 'https://h/SUMS',
    });
  });

  it('a digest that contradicts its algorithm is noted', () => {
    expect(plan({ os_hash_algo: 'sha512', os_hash_value: hex(64) }).expected).toMatchObject({
      note: expect.stringContaining('sha256'),
    });
  });

  it.each([
    ['nothing', {}, {}, /no checksum/],
    ['half a pair', { os_hash_algo: 'sha256', checksum: hex(64) }, {}, /together/],
    ['an empty checksum', { checksum: '' }, {}, /not be empty/],
    ['an odd length', { checksum: hex(40) }, {}, /40 characters/],
    ['no digits', { checksum: 'z'.repeat(64) }, {}, /checksum/],
    ['md5 where it is disabled', { checksum: hex(32) }, { md5Enabled: false }, /MD5 is disabled/],
    ['md5 by name where it is disabled', { os_hash_algo: 'md5', os_hash_value: hex(32) }, { md5Enabled: false }, /MD5/],
  ])('refuses %s', (_, info, settings, message) => {
    expect(() => plan(info, settings)).toThrow(message);
    expect(() => plan(info, settings)).toThrow(expect.objectContaining({ type: 'InvalidCommandParamsError' }));
  });
});

describe('what is refused before any request', () => {
  it.each([
    ['no id', { id: undefined, checksum: hex(64) }, 'InvalidCommandParamsError'],
    ['no addresses', { urls: [], checksum: hex(64) }, 'InvalidCommandParamsError'],
    ['another scheme', { urls: ['file:///etc/shadow'], checksum: hex(64) }, 'InvalidCommandParamsError'],
    ['no address at all', { urls: ['nonsense'], checksum: hex(64) }, 'InvalidCommandParamsError'],
    ['a partition image without root', { image_type: 'partition', checksum: hex(64) }, 'InvalidCommandParamsError'],
    ['an empty root', { image_type: 'partition', root_mb: 0, checksum: hex(64) }, 'InvalidCommandParamsError'],
    [
      'a negative size',
      { image_type: 'partition', root_mb: 9, swap_mb: -1, checksum: hex(64) },
      'InvalidCommandParamsError',
    ],
    [
      'a size that is no whole number',
      { image_type: 'partition', root_mb: 1.5, checksum: hex(64) },
      'InvalidCommandParamsError',
    ],
  ])('%s', (_, info, type) => {
    expect(() => plan(info)).toThrow(expect.objectContaining({ type }));
  });

  it('accepts keys it does not know, and null for absent', () => {
    const odd = { checksum: hex(64), os_hash_algo: null, os_hash_value: null, proxies: null, future: { key: 1 } };
    expect(plan(odd).id).toBe('i');
  });
});

describe('a partition image', () => {
  const good = { checksum: hex(64) };
  it.each([undefined, null, 'whole-disk', 'anything'])('is none with image_type %s', (image_type) => {
    expect(plan({ ...good, image_type, root_mb: 5 }).partitions).toBeNull();
  });

  it('asks for partitions; null and absent mean none', () => {
    const none = { rootMib: 5, swapMib: 0, ephemeralMib: 0, ephemeralFormat: 'ext4', preserveEphemeral: false };
    const nothing = { swap_mb: null, ephemeral_format: null, preserve_ephemeral: null, deploy_boot_mode: null };
    const least = plan({ ...good, image_type: 'partition', root_mb: 5, ...nothing });
    expect(least.partitions).toEqual({ ...none, deployBootMode: null });
    const wishes = { swap_mb: 1, ephemeral_mb: 2, ephemeral_format: 'XFS', preserve_ephemeral: true };
    const full = plan({ ...good, image_type: 'partition', root_mb: 5, ...wishes, deploy_boot_mode: 'UEFI' });
    expect(full.partitions).toEqual({
      ...{ rootMib: 5, swapMib: 1, ephemeralMib: 2, ephemeralFormat: 'xfs' },
      ...{ preserveEphemeral: true, deployBootMode: 'uefi' },
    });
  });
});

describe('credentials', () => {
  const good = { checksum: hex(64) };
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  const own = { image_server_auth_strategy: 'http_basic', image_server_user: 'u', image_server_password: 'p' };
  const configured = { server: { strategy: 'http_basic', user: 'cu', password: 'cp' } };
  it.each([
    ['none', {}, {}, null],
    ['configured', {}, configured, basic('cu:cp')],
    ['of the image before configured', own, configured, basic('u:p')],
    ['in the spelling of the release notes', { ...own, image_server_auth_strategy: 'http-basic' }, {}, basic('u:p')],
    [
      'a token before all',
      { ...own, image_request_authorization: Buffer.from('Bearer t').toString('base64') },
      configured,
      'Bearer t',
    ],
    ['none when the image says so', { image_server_auth_strategy: 'noauth' }, configured, null],
  ])('%s', (_, info, settings, expected) => {
    expect(plan({ ...good, ...info }, settings).authorization).toBe(expected);
  });

  it('never mixes two sources and never sends half a pair', () => {
    const half = { ...good, image_server_auth_strategy: 'http_basic', image_server_user: 'u' };
    expect(() => plan(half, configured)).toThrow(/both user and password/);
  });
});

describe('proxies', () => {
  const info = {
    checksum: hex(64),
    proxies: { http: 'proxy:3128', https: 'http://u:p@secure:8080' },
    no_proxy: '.in.net, 10.0.0.1,host:8443,172.16.0.0/12',
  };
  it.each([
    ['http://a.example/x', 'http://proxy:3128'],
    ['https://a.example/x', 'http://secure:8080'],
    ['http://x.in.net/x', null],
    ['http://10.0.0.1/x', null],
    ['https://host:8443/x', null],
    ['http://172.17.0.1/x', null],
    ['http://172.1.0.1/x', 'http://proxy:3128'],
    ['https://host/x', 'http://secure:8080'],
    ['http://notin.net/x', 'http://proxy:3128'],
  ])('%s -> %s', (address, proxy) => {
    expect(plan(info).proxyFor(new URL(address))?.origin ?? null).toBe(proxy);
  });

  const environment = { http_proxy: 'http://env:1', HTTPS_PROXY: 'senv:2', no_proxy: 'near,10.0.0.0/8' };
  it.each([
    ['none of its own: the environment', {}, 'http://a/x', 'http://env:1'],
    ['none of its own, https', { proxies: {} }, 'https://a/x', 'http://senv:2'],
    ['what the environment exempts', { proxies: null, no_proxy: '' }, 'http://10.1.2.3/x', null],
    ['what the image exempts instead', { no_proxy: '192.0.2.0/24' }, 'http://192.0.2.9/x', null],
    ['which stands alone', { no_proxy: '192.0.2.0/24' }, 'http://near/x', 'http://env:1'],
    [
      'one of its own, whatever the environment exempts',
      { proxies: { http: 'own:3' } },
      'http://near/',
      'http://own:3',
    ],
    ['one of its own for the other scheme', { proxies: { http: 'own:3' } }, 'https://a/x', 'http://senv:2'],
    ['an asterisk', { no_proxy: '*' }, 'http://a/x', null],
  ])('%s', (_, given, address, proxy) => {
    const { proxyFor } = plan({ checksum: hex(64), ...given }, { proxies: environment });
    expect(proxyFor(new URL(address))?.origin ?? null).toBe(proxy);
  });

  it('an unusable address is refused: of the image at once, of the environment when it is needed', () => {
    expect(() => plan({ checksum: hex(64), proxies: { http: 'a b' } })).toThrow(/unusable/);
    const { proxyFor } = plan({ checksum: hex(64) }, { proxies: { http_proxy: 'u:secret@a b' } });
    expect(() => proxyFor(new URL('http://a/x'))).toThrow(/^(?!.*secret).*environment is no address/s);
  });
});
