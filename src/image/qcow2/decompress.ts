import { createOneShotDecoder, decodePieces } from '../../system/index.ts';
import { InvalidImage } from '../errors.ts';
import type { Qcow2Header } from './header.ts';
import { zstdFrameLength } from './zstd-frame.ts';

/** Makes single compressed clusters readable, at once; for whole images there is the queue. */
export interface ClusterDecoder {
  /** What follows the cluster's data in `input` is ignored; never more than the cluster is made.
   * @throws InvalidImage when it is damaged */
  decode(input: Uint8Array, cluster: Uint8Array, host: number): void;
  close(): void;
}

export const damagedCluster = (host: number, reason: string) =>
  InvalidImage(`qcow2 image: the compressed cluster at ${host} cannot be read: ${reason}`, {
    hint: 'check the file with qemu-img check',
  });

/** The bytes of one cluster, without what follows them where its format does not end by itself. @throws InvalidImage */
export function clusterInput(header: Qcow2Header, input: Uint8Array, host: number): Uint8Array {
  if (header.compression === 'deflate') return input;
  const length = zstdFrameLength(input);
  if (length === null) throw damagedCluster(host, 'incomplete zstd frame');
  return input.subarray(0, length);
}

export function createClusterDecoder(header: Qcow2Header): ClusterDecoder {
  const decoder = createOneShotDecoder(header.compression);
  return {
    decode(input, cluster, host) {
      const fault = decodePieces(decoder, [{ input: clusterInput(header, input, host), output: cluster }]);
      if (fault !== null) throw damagedCluster(host, fault.reason);
    },
    close: () => decoder.close(),
  };
}
