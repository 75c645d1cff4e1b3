/** Compressions of a whole image that the agent undoes on the way. */
export type Compression = 'gzip' | 'zstd';
/** Whose compressed images are unpacked: those of registries, all, none. */
export type UnpackRule = 'oci' | 'always' | 'never';

const startsWith = (head: Uint8Array, ...bytes: readonly number[]) => bytes.every((byte, i) => head[i] === byte);
/** A frame that decoders skip; compressors that make several frames put one in front. */
const isSkippable = (head: Uint8Array) =>
  ((head[0] ?? 0) & 0xf0) === 0x50 && startsWith(head.subarray(1), 0x2a, 0x4d, 0x18);

export function compressionOf(head: Uint8Array): Compression | null {
  if (startsWith(head, 0x1f, 0x8b, 8)) return 'gzip';
  return startsWith(head, 0x28, 0xb5, 0x2f, 0xfd) || isSkippable(head) ? 'zstd' : null;
}

/** The address of a blob in a registry: its conductor knows that it is compressed and has no way to say so. */
const isRegistryBlob = (url: URL) => /^\/v2\/.+\/blobs\/[a-z0-9]+:[0-9a-f]+$/.test(url.pathname);

/** Raw images are written bit by bit, so a compressed one is unpacked only where the rule says so (imaging 10.1).
 * @param declared null when not known; formats with a structure of their own are never unpacked */
export function isUnpacked(rule: UnpackRule, declared: string | null, urls: readonly URL[]): boolean {
  if (declared !== null && declared !== 'raw' && declared !== 'gpt') return false;
  return rule === 'always' || (rule === 'oci' && urls.every(isRegistryBlob));
}

/** Content size in bytes that the first frame of a zstd image announces, or null: what is inside is at least as large. */
export function announcedSize(head: Uint8Array): number | null {
  if (!startsWith(head, 0x28, 0xb5, 0x2f, 0xfd)) return null;
  const flags = head[4] ?? 0;
  const isSingle = (flags & 0x20) !== 0;
  const dictionary = [0, 1, 2, 4][flags & 3] ?? 0;
  const bytes = [isSingle ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0;
  const at = 5 + (isSingle ? 0 : 1) + dictionary;
  if (bytes === 0 || at + bytes > head.length) return null;
  const size = head.slice(at, at + bytes).reduceRight((sum, byte) => sum * 256 + byte, 0);
  return bytes === 2 ? size + 256 : size;
}
