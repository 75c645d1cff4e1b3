import { expect, it } from 'vitest';
import { type ProxyEnvironment, proxyOf } from '../../../../src/system/index.ts';

const both = { http_proxy: 'http://p:3128', https_proxy: 'http://s:3128' };

it.each<[string, string, ProxyEnvironment, string | null]>([
  ['nothing set', 'http://api', {}, null],
  ['by scheme: http', 'http://api', both, 'http://p:3128'],
  ['by scheme: https', 'https://api', both, 'http://s:3128'],
  ['the other scheme only', 'https://api', { http_proxy: 'http://p:3128' }, null],
  ['all_proxy for the rest', 'https://api', { all_proxy: 'http://a:1' }, 'http://a:1'],
  ['lower case wins', 'http://api', { http_proxy: 'http://low:1', HTTP_PROXY: 'http://up:1' }, 'http://low:1'],
  ['upper case', 'http://api', { HTTP_PROXY: 'http://up:1' }, 'http://up:1'],
  ['an empty value is none', 'http://api', { http_proxy: '' }, null],
  ['a proxy without scheme', 'http://api', { http_proxy: 'p:3128' }, 'http://p:3128'],
  ['star', 'http://api', { ...both, no_proxy: '*' }, null],
  ['the very name', 'http://api', { ...both, no_proxy: 'other, api' }, null],
  ['below a name', 'http://api.lab.example', { ...both, no_proxy: 'lab.example' }, null],
  ['below a name with dot', 'http://api.lab.example', { ...both, no_proxy: '.lab.example' }, null],
  ['below a name with star', 'http://api.lab.example', { ...both, no_proxy: '*.lab.example' }, null],
  ['not a mere ending', 'http://badlab.example', { ...both, no_proxy: 'lab.example' }, 'http://p:3128'],
  ['any case', 'http://API', { ...both, NO_PROXY: 'Api' }, null],
  ['an address', 'http://10.1.2.3:6385', { ...both, no_proxy: '10.1.2.3' }, null],
  ['a network', 'http://10.1.2.3:6385', { ...both, no_proxy: '10.0.0.0/8' }, null],
  ['another network', 'http://11.1.2.3:6385', { ...both, no_proxy: '10.0.0.0/8' }, 'http://p:3128'],
  ['an IPv6 network', 'http://[2001:db8::5]:6385', { ...both, no_proxy: '2001:db8::/32' }, null],
  ['an IPv6 address', 'http://[2001:db8::5]:6385', { ...both, no_proxy: '2001:db8::5' }, null],
  ['its port', 'http://api:6385', { ...both, no_proxy: 'api:6385' }, null],
  ['another port', 'http://api:80', { ...both, no_proxy: 'api:6385' }, 'http://p:3128'],
  ['nonsense', 'http://api', { ...both, no_proxy: ',, /33,10.0.0.0/99' }, 'http://p:3128'],
])('proxy: %s', (_case, url, environment, proxy) => {
  expect(proxyOf(new URL(url), environment)).toBe(proxy);
});
