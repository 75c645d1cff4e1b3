const MAGIC = 0xfd2fb528;

/** Length of the first Zstandard frame (RFC 8878) in `bytes`, which goes on with other data; null when it is no
 * complete frame. Needed because a one-shot decoder would read on into what follows. */
export function zstdFrameLength(bytes: Uint8Array): number | null {
  if (bytes.length < 6) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== MAGIC) return null;
  const descriptor = view.getUint8(4);
  const single = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeBytes = [single ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  let at = 5 + (single ? 0 : 1) + dictionaryBytes + sizeBytes;
  for (let isLast = false; !isLast; ) {
    if (at + 3 > bytes.length) return null;
    const block = view.getUint8(at) | (view.getUint8(at + 1) << 8) | (view.getUint8(at + 2) << 16);
    isLast = (block & 1) !== 0;
    const type = (block >> 1) & 3;
    if (type === 3) return null;
    at += 3 + (type === 1 ? 1 : block >> 3);
  }
  const end = at + ((descriptor & 4) !== 0 ? 4 : 0);
  return end <= bytes.length ? end : null;
}
