import { InvalidCommandParams, parse } from '../../core/index.ts';
import type { ImageSettings } from '../ports.ts';
import { authorizationFor, type ProxyFor, proxyRule } from './access.ts';
import { type ExpectedDigest, expectedDigest } from './checksum.ts';
import { ImageInfo } from './image-info.ts';
import { type PartitionRequest, partitionRequest } from './partition-request.ts';

/** Everything about one image that is known before the first request. */
export interface ImagePlan {
  readonly id: string;
  readonly urls: readonly URL[];
  readonly expected: ExpectedDigest;
  /** Lower case; null when the image must be looked at. */
  readonly declaredFormat: string | null;
  readonly authorization: string | null;
  readonly proxyFor: ProxyFor;
  readonly settings: ImageSettings;
  /** Null for the image of a whole disk. */
  readonly partitions: PartitionRequest | null;
}

/** Addresses may carry secrets in their query; this form is safe to show. */
export const withoutQuery = (url: URL): string => `${url.protocol}//${url.host}${url.pathname}`;

function imageUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw InvalidCommandParams(`image address of scheme ${url?.protocol ?? 'none'} is not supported`, {
    hint: 'the agent downloads from http:// and https:// addresses',
  });
}

/** Checks the request (imaging 1.4, 2.2) without any I/O.
 * @throws InvalidCommandParamsError, ImageDownloadError (credentials) */
export function planImage(imageInfo: unknown, settings: ImageSettings): ImagePlan {
  const info = parse(ImageInfo, imageInfo, 'image_info');
  const expected = expectedDigest(info, settings.md5Enabled);
  const urls = info.urls.map(imageUrl);
  const format = (info.disk_format ?? '').toLowerCase();
  return {
    id: info.id,
    urls,
    expected,
    declaredFormat: format === '' || format === 'unknown' ? null : format,
    authorization: authorizationFor(info, settings),
    proxyFor: proxyRule(info, settings.proxies),
    settings,
    partitions: partitionRequest(info),
  };
}
