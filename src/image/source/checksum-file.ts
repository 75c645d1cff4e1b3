import { KiB } from '../../core/index.ts';
import { percentDecoded } from '../../system/index.ts';
import { ImageDownloadFailed } from '../errors.ts';
import { algorithmByLength, type ImagePlan, refuseMd5, withoutQuery } from '../plan/index.ts';
import type { ImagePorts } from '../ports.ts';
import { fetchDocument } from './document.ts';

const MAX_BYTES = 1024 * KiB;
const DIGEST = /^(?:[0-9a-f]{32}|[0-9a-f]{64}|[0-9a-f]{128})$/i;

/** True when the line speaks of exactly this file: `digest  name`, `digest *name` or `ALGO (name) = digest`. */
function names(line: string, fileName: string): boolean {
  if (line.includes(` (${fileName}) `)) return true;
  if (!line.endsWith(fileName)) return false;
  const before = line.slice(0, line.length - fileName.length);
  return /\s\*?$/.test(before) || /\s\*?(?:\.\/)$/.test(before);
}

/** Finds the digest of `fileName` in a checksum file (imaging 2.3), in lower case; null when there is none. */
export function findDigest(text: string, fileName: string): string | null {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const [first] = lines;
  if (lines.length === 1 && first !== undefined && !first.includes(' '))
    return DIGEST.test(first) ? first.toLowerCase() : null;
  for (const line of lines.filter((candidate) => !candidate.startsWith('#') && names(candidate, fileName))) {
    const words = line.split(/\s+/);
    const digest = [words[0] ?? '', words.at(-1) ?? ''].find((word) => DIGEST.test(word));
    if (digest !== undefined) return digest.toLowerCase();
  }
  return null;
}

export interface KnownDigest {
  readonly algorithm: string;
  readonly digest: string;
}

/** The digest to expect, fetched when it lives behind an address. @throws ImageDownloadError, ImageDownloadFatalError */
export async function resolveDigest(ports: ImagePorts, plan: ImagePlan, signal: AbortSignal): Promise<KnownDigest> {
  const { expected } = plan;
  if (expected.kind === 'value') {
    if (expected.note !== null) ports.log.warn('image.checksum.odd', { image: plan.id, note: expected.note });
    return expected;
  }
  const url = new URL(expected.url);
  const text = Buffer.from(await fetchDocument(ports, plan, { url, maxBytes: MAX_BYTES }, signal)).toString('utf8');
  const fileName = percentDecoded(plan.urls[0]?.pathname.split('/').at(-1) ?? '');
  const digest = findDigest(text, fileName);
  if (digest === null)
    throw ImageDownloadFailed(`Download of image ${plan.id} failed: no digest of ${fileName} in ${withoutQuery(url)}`);
  const algorithm = expected.algorithm ?? algorithmByLength(digest) ?? '';
  refuseMd5(algorithm, plan.settings.md5Enabled);
  return { algorithm, digest };
}
