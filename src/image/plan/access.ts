import { InvalidCommandParams } from '../../core/index.ts';
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

const hostAndPort = (text: string): readonly [string, string] => {
  const parts = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(text);
  return parts === null ? [text.toLowerCase(), ''] : [(parts[1] ?? '').toLowerCase(), parts[2] ?? ''];
};

/** True when `no_proxy` exempts the address: exact host, `.domain` or `domain` with its sub-domains, `*`, with an
 * optional port. */
export function bypassesProxy(url: URL, noProxy: string): boolean {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return noProxy
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [host, onlyPort] = hostAndPort(entry);
      if (onlyPort !== '' && onlyPort !== port) return false;
      const bare = host.replace(/^\*?\./, '');
      return url.hostname === bare || url.hostname === `[${bare}]` || url.hostname.endsWith(`.${bare}`);
    });
}

export type ProxyFor = (url: URL) => URL | null;

/** The proxy rule of this image alone; nothing of it outlives the request. */
export function proxyRule(info: ImageInfo): ProxyFor {
  const proxies = info.proxies ?? {};
  const parsed = (text: string | null | undefined): URL | null => {
    if ((text ?? '') === '') return null;
    const full = /^[a-z]+:\/\//i.test(text ?? '') ? (text ?? '') : `http://${text}`;
    if (!URL.canParse(full)) throw InvalidCommandParams('proxies contains an unusable address');
    return new URL(full);
  };
  const http = parsed(proxies.http);
  const https = parsed(proxies.https);
  return (url) => {
    if (bypassesProxy(url, info.no_proxy ?? '')) return null;
    return url.protocol === 'https:' ? https : http;
  };
}
