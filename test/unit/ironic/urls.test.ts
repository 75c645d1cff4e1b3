import { describe, expect, it } from 'vitest';
import { baseUrl, callbackUrl, inspectionTargets } from '../../../src/ironic/index.ts';

describe('URLs', () => {
  it.each([
    ['http://api:6385', 'http://api:6385'],
    ['http://api:6385/', 'http://api:6385'],
    ['http://api:6385/v1', 'http://api:6385'],
    ['http://api:6385/v1/', 'http://api:6385'],
    [' http://api/baremetal/v1// ', 'http://api/baremetal'],
    ['http://api/v11', 'http://api/v11'],
  ])('%j means the server %s', (url, base) => expect(baseUrl(url)).toBe(base));

  it.each([
    ['http', '172.22.0.9', 9999, 'http://172.22.0.9:9999'],
    ['https', '2001:db8::1', 9999, 'https://[2001:db8::1]:9999'],
    ['https', 'node-1.example', 443, 'https://node-1.example:443'],
  ] as const)('%s %s %i is called at %s', (protocol, host, port, url) =>
    expect(callbackUrl(protocol, host, port)).toBe(url),
  );

  it.each([
    ['a callback', 'http://a/v1/continue', ['http://b'], ['http://a/v1/continue']],
    ['callbacks', 'http://a/c, http://b/c,', [], ['http://a/c', 'http://b/c']],
    [
      'the API',
      null,
      ['http://b/v1/', 'http://c'],
      ['http://b/v1/continue_inspection', 'http://c/v1/continue_inspection'],
    ],
    ['an empty callback', '', ['http://b'], ['http://b/v1/continue_inspection']],
    ['nothing', null, [], []],
  ])('sends the inventory to %s', (_case, callbackUrl, apiUrls, targets) =>
    expect(inspectionTargets({ callbackUrl, apiUrls })).toEqual(targets),
  );
});
