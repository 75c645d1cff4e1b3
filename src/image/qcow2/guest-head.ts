import { createClusterDecoder } from './decompress.ts';
import type { Qcow2Layout, RangeReader } from './layout.ts';

/** The first bytes of the disk's content, before the image is streamed: enough to look at its partition table. */
export async function readGuestHead(layout: Qcow2Layout, length: number, read: RangeReader): Promise<Uint8Array> {
  const { header, map } = layout;
  const head = new Uint8Array(Math.min(length, header.virtualSize));
  const clusters = Math.ceil(head.length / header.clusterBytes);
  if (!map.hasDataBetween(0, clusters)) return head;
  const decoder = createClusterDecoder(header);
  const cluster = new Uint8Array(header.clusterBytes);
  for (let i = 0; i < map.count; i++) {
    const { host, guest, clusters: run, compressedBytes } = map.extent(i);
    if (guest >= clusters) continue;
    const at = guest * header.clusterBytes;
    const bytes = Math.min(run * header.clusterBytes, head.length - at);
    await read([{ offset: host, length: compressedBytes === 0 ? bytes : compressedBytes }], (piece) => {
      if (compressedBytes > 0) decoder.decode(piece, cluster, host);
      head.set((compressedBytes > 0 ? cluster : piece).subarray(0, bytes), at);
    });
  }
  decoder.close();
  return head;
}
