import { DeploymentFailed } from '../../core/index.ts';
import { fatEntries, numberAt } from './fat-directory.ts';
import { type DriveFile, REMAKE, readTree, type TreeEntry } from './tree.ts';

const broken = (why: string) => DeploymentFailed(`the config drive is a damaged FAT image: ${why}`, { hint: REMAKE });

/** In bytes, as the boot sector says: a disk with larger sectors cannot serve the file system. */
export const fatSectorBytes = (image: Uint8Array): number => numberAt(image, 11, 2);

/** Places in bytes, from the boot sector. */
interface Volume {
  readonly table: number;
  readonly bits: 12 | 16 | 32;
  /** The root of FAT12 and FAT16 has a place of its own. */
  readonly root: { readonly start: number; readonly length: number };
  readonly rootCluster: number;
  readonly data: number;
  readonly clusterBytes: number;
  /** What there are of them in the image. */
  readonly clusters: number;
}

function volumeOf(image: Uint8Array): Volume {
  const sector = fatSectorBytes(image);
  const clusterBytes = sector * numberAt(image, 13, 1);
  if (![512, 1024, 2048, 4096].includes(sector) || clusterBytes === 0) throw broken('its boot sector makes no sense');
  const small = numberAt(image, 22, 2);
  const table = numberAt(image, 14, 2) * sector;
  const root = table + numberAt(image, 16, 1) * (small || numberAt(image, 36, 4)) * sector;
  const rootLength = numberAt(image, 17, 2) * 32;
  const data = root + Math.ceil(rootLength / sector) * sector;
  const end = (numberAt(image, 19, 2) || numberAt(image, 32, 4)) * sector;
  const clustersUpTo = (place: number) => Math.floor((place - data) / clusterBytes);
  const short = clustersUpTo(end) < 4085 ? 12 : 16;
  return {
    table,
    bits: small === 0 ? 32 : short,
    root: { start: root, length: rootLength },
    rootCluster: small === 0 ? numberAt(image, 44, 4) : 0,
    data,
    clusterBytes,
    clusters: clustersUpTo(Math.min(end, image.length)),
  };
}

/** The entry of the table for a cluster: the next one, or the end of the chain. */
function nextOf(image: Uint8Array, { table, bits }: Volume, cluster: number): number {
  if (bits === 32) return numberAt(image, table + 4 * cluster, 4) % 2 ** 28;
  if (bits === 16) return numberAt(image, table + 2 * cluster, 2);
  const pair = numberAt(image, table + cluster + Math.floor(cluster / 2), 2);
  return cluster % 2 === 0 ? pair & 0xfff : pair >> 4;
}

/** Content of a chain up to its end, or its first `most` clusters. */
function chainOf(image: Uint8Array, volume: Volume, start: number, most: number): Uint8Array {
  const { bits, clusters, clusterBytes, data } = volume;
  const end = 2 ** Math.min(bits, 28) - 8;
  const pieces: Uint8Array[] = [];
  for (let at = start; pieces.length < most && at < end; at = nextOf(image, volume, at)) {
    if (at < 2 || at >= clusters + 2) throw broken('a file leads outside of it');
    if (pieces.length >= clusters) throw broken('a file leads to itself');
    const from = data + (at - 2) * clusterBytes;
    pieces.push(image.subarray(from, from + clusterBytes));
  }
  return Buffer.concat(pieces);
}

/** Every file of a FAT12, FAT16 or FAT32 image in memory. Trusts nothing in it. @throws DeploymentError */
export function readFat(image: Uint8Array): readonly DriveFile[] {
  const volume = volumeOf(image);
  const { root, rootCluster, clusterBytes, bits } = volume;
  const contentOf = ({ name, directory, start, length }: TreeEntry): Uint8Array => {
    if (directory && bits !== 32 && start === 0) return image.subarray(root.start, root.start + root.length);
    if (directory) return chainOf(image, volume, start, Number.POSITIVE_INFINITY);
    if (length === 0) return new Uint8Array();
    const content = chainOf(image, volume, start, Math.ceil(length / clusterBytes)).subarray(0, length);
    if (content.length < length) throw broken(`${JSON.stringify(name)} reaches beyond its end`);
    return content;
  };
  return readTree({
    root: { name: '', directory: true, start: rootCluster, length: 0 },
    contentOf,
    entriesIn: fatEntries,
    broken,
  });
}
