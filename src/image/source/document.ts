import { formatBytes } from '../../core/index.ts';
import type { Body } from '../../system/index.ts';
import { ImageDownloadFailed } from '../errors.ts';
import type { ImagePorts } from '../ports.ts';
import { type Access, createAttempts, unwantedAnswer } from './attempts.ts';
import { openSession } from './session.ts';

interface Wanted {
  readonly url: URL;
  readonly maxBytes: number;
}

async function readWhole(body: Body, { url, maxBytes }: Wanted): Promise<Uint8Array> {
  const into = new Uint8Array(Math.min(maxBytes + 1, body.length ?? maxBytes + 1));
  let filled = 0;
  for (let count = -1; count !== 0 && filled < into.length; filled += count)
    count = await body.fill(into.subarray(filled));
  body.close();
  if (filled > maxBytes)
    throw ImageDownloadFailed(`${url.host}${url.pathname} is longer than ${formatBytes(maxBytes)}`);
  return into.subarray(0, filled);
}

/** Fetches a small document (checksum file, config drive) whole, with the same access rules and retries as images.
 * @throws ImageDownloadError when it is longer than `maxBytes` */
export async function fetchDocument(
  ports: ImagePorts,
  access: Access,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const session = await openSession(ports, access);
  const attempts = createAttempts(ports, access, signal);
  try {
    for (;;) {
      try {
        const body = await session.get(wanted.url, {}, signal);
        if (body.status !== 200) throw await unwantedAnswer(body, access.id, ports.clock.now());
        return await readWhole(body, wanted);
      } catch (error) {
        await attempts.failed(error);
      }
    }
  } finally {
    session.close();
  }
}
