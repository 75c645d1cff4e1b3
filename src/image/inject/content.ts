import { formatBytes, GiB, MiB } from '../../core/index.ts';
import { ImageChecksumMismatch, ImageDownloadFailed } from '../errors.ts';
import { environmentProxy } from '../plan/index.ts';
import type { ImagePorts, ImageSettings } from '../ports.ts';
import { openDownload } from '../source/index.ts';
import { deadline } from '../write/index.ts';
import type { WrittenFile } from './entries.ts';

const CHUNK_BYTES = MiB;
const MAX_BYTES = 4 * GiB;
/** Without a checksum nobody looks at the digest. */
const ANY = 'sha256';

type Remote = Extract<WrittenFile['content'], { url: URL }>;

/** The bytes of a file at an address, under the rules for images (imaging 2.1), never more than a piece at a time. */
async function* download(
  ports: ImagePorts,
  { path, content: { url, digest } }: { readonly path: string; readonly content: Remote },
  settings: ImageSettings,
  outer: AbortSignal,
): AsyncGenerator<Uint8Array> {
  // The credentials for image servers are for image servers: an address that somebody put into a list gets none.
  const sought = { id: path, urls: [url], authorization: null, proxyFor: environmentProxy(settings.proxies), settings };
  const { signal, end } = deadline(ports, sought, outer);
  const algorithm = digest?.algorithm ?? ANY;
  try {
    const source = await openDownload(ports, sought, algorithm, signal);
    try {
      const chunk = new Uint8Array(CHUNK_BYTES);
      for (let count = chunk.length; count === chunk.length; ) {
        count = await source.fill(chunk);
        if (source.received() > MAX_BYTES)
          throw ImageDownloadFailed(`${url.host}${url.pathname} is longer than ${formatBytes(MAX_BYTES)}`);
        yield chunk.subarray(0, count);
      }
      if (digest !== null && source.digest() !== digest.digest)
        throw ImageChecksumMismatch(`it has ${algorithm} ${source.digest()}, expected was ${digest.digest}`);
    } finally {
      source.close();
    }
  } finally {
    end();
  }
}

export function contentOf(
  ports: ImagePorts,
  { path, content }: WrittenFile,
  settings: ImageSettings,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  return 'base64' in content
    ? [Buffer.from(content.base64, 'base64')]
    : download(ports, { path, content }, settings, signal);
}
