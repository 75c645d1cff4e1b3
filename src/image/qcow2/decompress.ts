import { inflateRawSync, zstdDecompressSync } from 'node:zlib';
import { reasonOf } from '../../core/index.ts';
import { InvalidImage } from '../errors.ts';
import type { Qcow2Header } from './header.ts';
import { zstdFrameLength } from './zstd-frame.ts';

/** Room behind the expected output, so that the decoder sees the end of its stream in one call. */
const SLACK = 64;

function zstd(input: Uint8Array, clusterBytes: number): Uint8Array {
  const length = zstdFrameLength(input);
  if (length === null) throw new Error('incomplete zstd frame');
  return zstdDecompressSync(input.subarray(0, length), {
    chunkSize: clusterBytes + SLACK,
    maxOutputLength: clusterBytes,
  });
}

const deflate = (input: Uint8Array, clusterBytes: number): Uint8Array =>
  inflateRawSync(input, { chunkSize: clusterBytes + SLACK, maxOutputLength: clusterBytes });

/** Content of one compressed cluster; what follows it in `input` is ignored. Never more than a cluster is made.
 * @throws InvalidImage when it is damaged */
export function decompressCluster(input: Uint8Array, header: Qcow2Header, host: number): Uint8Array {
  try {
    const decode = header.compression === 'zstd' ? zstd : deflate;
    const content = decode(input, header.clusterBytes);
    if (content.length === header.clusterBytes) return content;
    throw new Error(`it holds ${content.length} bytes instead of ${header.clusterBytes}`);
  } catch (error) {
    throw InvalidImage(`qcow2 image: the compressed cluster at ${host} cannot be read: ${reasonOf(error)}`, {
      cause: error,
      hint: 'check the file with qemu-img check',
    });
  }
}
