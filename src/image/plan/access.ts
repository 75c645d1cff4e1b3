import { InvalidCommandParams } from '../../core/index.ts';
import { type ProxyEnvironment, proxyOf } from '../../system/index.ts';
import { ImageDownloadFailed } from '../errors.ts';
import type { ImageSettings } from '../ports.ts';
import type { ImageInfo } from './image-info.ts';

interface BasicSource {
  readonly strategy: string;
  readonly user: string | null | undefined;
  readonly password: string | null | undefined;
}

function basicHeader(id: string, source: BasicSource): string | null {
  if (source.strategy === '' || source.strategy === 'noauth') return null;
  if (!/^http[_-]basic$/.test(source.strategy))
    throw ImageDownloadFailed(`Download of image ${id} failed: unknown authentication strategy ${source.strategy}`);
  if ((source.user ?? '') === '' || (source.password ?? '') === '')
    throw ImageDownloadFailed(`Download of image ${id} failed: basic authentication needs both user and password`);
  return `Basic ${Buffer.from(`${source.user}:${source.password}`, 'utf8').toString('base64')}`;
}

/** The value of the Authorization header (imaging 2.1): token of the image, then its basic pair, then the configured
 * pair; never a mixture. */
export function authorizationFor(info: ImageInfo, settings: ImageSettings): string | null {
  const token = info.image_request_authorization ?? '';
  if (token !== '') {
    const value = Buffer.from(token, 'base64').toString('utf8').trim();
    if (!/^[\x20-\x7e]+$/.test(value))
      throw InvalidCommandParams('image_request_authorization is not base64 of a header value');
    return value;
  }
  if ((info.image_server_auth_strategy ?? '') !== '')
    return basicHeader(info.id, {
      strategy: info.image_server_auth_strategy ?? '',
      user: info.image_server_user,
      password: info.image_server_password,
    });
  return basicHeader(info.id, settings.server);
}

/** What is dialled for an address, asked again after each redirect; null: the address itself. */
export type ProxyFor = (url: URL) => URL | null;

/** The rule of the environment, for what brings no proxies of its own. */
export const environmentProxy =
  (environment: ProxyEnvironment): ProxyFor =>
  (url) => {
    const proxy = proxyOf(url, environment);
    if (proxy === null || URL.canParse(proxy)) return proxy === null ? null : new URL(proxy);
    throw ImageDownloadFailed(`Download from ${url.host} failed: the proxy in the agent's environment is no address`, {
      hint: 'correct http_proxy, https_proxy or all_proxy of the agent',
    });
  };

/** The proxy rule of this image (imaging 2.1): its own proxies and exemptions, else those of the environment. Nothing of
 * it outlives the request. */
export function proxyRule(info: ImageInfo, environment: ProxyEnvironment): ProxyFor {
  const proxies = info.proxies ?? {};
  const usable = (text: string) => {
    if (text === '' || URL.canParse(/^[a-z]+:\/\//i.test(text) ? text : `http://${text}`)) return text;
    throw InvalidCommandParams('proxies contains an unusable address');
  };
  const http = usable(proxies.http ?? '');
  const https = usable(proxies.https ?? '');
  const no_proxy = info.no_proxy ?? '';
  const others = environmentProxy(no_proxy === '' ? environment : { ...environment, no_proxy });
  return (url) => {
    const own = url.protocol === 'https:' ? https : http;
    return own === '' ? others(url) : environmentProxy({ all_proxy: own, no_proxy })(url);
  };
}
