import { reasonOf } from '../../core/index.ts';
import { createOneShotDecoder, type OneShotDecoder } from '../../system/index.ts';
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

function made(decoder: OneShotDecoder, header: Qcow2Header, input: Uint8Array, cluster: Uint8Array): number {
  if (header.compression === 'deflate') return decoder.decode(input, cluster);
  const length = zstdFrameLength(input);
  if (length === null) throw new Error('incomplete zstd frame');
  return decoder.decode(input.subarray(0, length), cluster);
}

export const damagedCluster = (host: number, reason: string, cause?: unknown) =>
  InvalidImage(`qcow2 image: the compressed cluster at ${host} cannot be read: ${reason}`, {
    cause,
    hint: 'check the file with qemu-img check',
  });

export function createClusterDecoder(header: Qcow2Header): ClusterDecoder {
  const decoder = createOneShotDecoder(header.compression);
  return {
    decode(input, cluster, host) {
      try {
        const bytes = made(decoder, header, input, cluster);
        if (bytes !== cluster.length) throw new Error(`it holds ${bytes} bytes instead of ${cluster.length}`);
      } catch (error) {
        throw damagedCluster(host, reasonOf(error), error);
      }
    },
    close: () => decoder.close(),
  };
}
