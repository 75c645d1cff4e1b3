import { InvalidCommandParams } from '../../core/index.ts';
import type { ImageInfo } from './image-info.ts';

/** What the wire bytes must hash to. A digest behind `url` is fetched before anything is written. */
export type ExpectedDigest =
  | { readonly kind: 'value'; readonly algorithm: string; readonly digest: string; readonly note: string | null }
  | { readonly kind: 'url'; readonly algorithm: string | null; readonly url: string };

const BY_LENGTH: Readonly<Record<number, string>> = { 32: 'md5', 64: 'sha256', 128: 'sha512' };
const SUPPORTED = new Set([
  ...['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'blake2b512', 'blake2s256'],
  ...['sha3-224', 'sha3-256', 'sha3-384', 'sha3-512'],
]);

const isUrl = (text: string) => /^https?:\/\//i.test(text);
/** `SHA-256`, `sha3_256`, `blake2b` in the names of OpenSSL; null when it is not offered. */
export function algorithmNamed(name: string): string | null {
  const plain = name
    .toLowerCase()
    .replace('_', '-')
    .replace(/^sha-(?=\d)/, 'sha');
  const known = plain === 'blake2b' ? 'blake2b512' : plain === 'blake2s' ? 'blake2s256' : plain;
  return SUPPORTED.has(known) ? known : null;
}

/** Algorithm by digest length (imaging 2.2), or null. */
export const algorithmByLength = (digest: string): string | null => BY_LENGTH[digest.length] ?? null;

/** `sha256:<hex>` and upper case are accepted. */
function parseDigest(text: string): { readonly prefix: string | null; readonly digest: string } {
  const parts = /^([a-z0-9_-]+):(.*)$/i.exec(text.trim());
  return parts === null
    ? { prefix: null, digest: text.trim().toLowerCase() }
    : { prefix: (parts[1] ?? '').toLowerCase(), digest: (parts[2] ?? '').trim().toLowerCase() };
}

const isHex = (digest: string) => /^([0-9a-f]{2})+$/.test(digest);

export function refuseMd5(algorithm: string, md5Enabled: boolean): void {
  if (algorithm === 'md5' && !md5Enabled)
    throw InvalidCommandParams('the image has an MD5 checksum only, and MD5 is disabled', {
      hint: 'give the image a SHA-256 or SHA-512 checksum, or set md5_enabled',
    });
}

function fromHashPair(algorithm: string, value: string): ExpectedDigest {
  if (isUrl(value)) return { kind: 'url', algorithm, url: value };
  const { digest } = parseDigest(value);
  if (!isHex(digest)) throw InvalidCommandParams('os_hash_value is not a hexadecimal digest');
  const implied = algorithmByLength(digest);
  const differs = implied !== null && implied !== algorithm && !/^(sha3-|blake2)/.test(algorithm);
  const note = differs ? `os_hash_value has the length of ${implied}, but os_hash_algo says ${algorithm}` : null;
  return { kind: 'value', algorithm, digest, note };
}

function fromChecksum(checksum: string, md5Enabled: boolean): ExpectedDigest {
  if (isUrl(checksum)) return { kind: 'url', algorithm: null, url: checksum };
  const { prefix, digest } = parseDigest(checksum);
  const algorithm = prefix === null ? algorithmByLength(digest) : algorithmNamed(prefix);
  if (algorithm === null || !isHex(digest))
    throw InvalidCommandParams(
      `cannot tell the algorithm of an image checksum of ${digest.length} characters; 32 (md5), 64 (sha256) or 128 (sha512) hexadecimal digits are known`,
    );
  refuseMd5(algorithm, md5Enabled);
  return { kind: 'value', algorithm, digest, note: null };
}

/** Which digest counts (imaging 1.4, 2.2): the hash pair first, then `checksum`. @throws InvalidCommandParamsError */
export function expectedDigest(info: ImageInfo, md5Enabled: boolean): ExpectedDigest {
  const algo = info.os_hash_algo ?? '';
  const value = info.os_hash_value ?? '';
  if ((algo === '') !== (value === ''))
    throw InvalidCommandParams('os_hash_algo and os_hash_value must be given together');
  if (info.checksum === '') throw InvalidCommandParams('checksum must not be empty');
  const algorithm = algo === '' ? null : algorithmNamed(algo);
  if (algorithm !== null) {
    refuseMd5(algorithm, md5Enabled);
    return fromHashPair(algorithm, value);
  }
  if (info.checksum !== undefined && info.checksum !== null) return fromChecksum(info.checksum, md5Enabled);
  if (algo !== '') throw InvalidCommandParams(`os_hash_algo ${algo} is not supported and there is no other checksum`);
  throw InvalidCommandParams('the image has no checksum', {
    hint: 'set os_hash_algo and os_hash_value, or checksum',
  });
}
