import { InvalidImage } from '../errors.ts';

/** 16 bytes each: the bound on the memory that the map of a hostile or badly fragmented image can take. */
const MAX_EXTENTS = 3_000_000;
const MAX_GUEST_CLUSTERS = 2 ** 27;
const COMPRESSED = 0x80000000;
const MAX_RUN = 0x10000;

/** Where a piece of the disk's content lies in the file. */
export interface Extent {
  readonly host: number;
  /** Index of the first guest cluster. */
  readonly guest: number;
  /** Clusters in a row; 1 when compressed. */
  readonly clusters: number;
  /** Length in the file; 0 for plain clusters. */
  readonly compressedBytes: number;
}

/** All data of an image in the order of the file, and which guest clusters have data at all. */
export interface ClusterMap {
  readonly count: number;
  /** How many of them are compressed. */
  readonly compressed: number;
  /** @param index in the order of the file */
  extent(index: number): Extent;
  hasData(guestCluster: number): boolean;
  /** True when any cluster from `first` up to but without `end` has data. */
  hasDataBetween(first: number, end: number): boolean;
}

export interface ClusterMapBuilder {
  addPlain(host: number, guest: number): void;
  addCompressed(host: number, guest: number, bytes: number): void;
  build(): ClusterMap;
}

class Extents implements ClusterMapBuilder {
  readonly #clusterBytes: number;
  readonly #allocated: Uint8Array;
  #host = new Float64Array(1024);
  #guest = new Uint32Array(1024);
  #size = new Uint32Array(1024);
  #count = 0;
  #compressed = 0;

  constructor(guestClusters: number, clusterBytes: number) {
    if (guestClusters > MAX_GUEST_CLUSTERS)
      throw InvalidImage(`qcow2 image: ${guestClusters} clusters are too many`, {
        hint: 'convert it with a larger cluster_size',
      });
    this.#clusterBytes = clusterBytes;
    this.#allocated = new Uint8Array(Math.ceil(guestClusters / 8));
  }

  addPlain(host: number, guest: number): void {
    this.#mark(guest);
    const last = this.#count - 1;
    const size = this.#size[last] ?? COMPRESSED;
    const follows =
      size < MAX_RUN && this.#host[last] === host - size * this.#clusterBytes && this.#guest[last] === guest - size;
    if (follows) this.#size[last] = size + 1;
    else this.#push(host, guest, 1);
  }

  addCompressed(host: number, guest: number, bytes: number): void {
    this.#mark(guest);
    this.#push(host, guest, bytes + COMPRESSED);
    this.#compressed += 1;
  }

  build(): ClusterMap {
    const [host, guest, size, count] = [this.#host, this.#guest, this.#size, this.#count];
    const allocated = this.#allocated;
    const order = fileOrder(host, count);
    return {
      count,
      compressed: this.#compressed,
      extent: (index) => {
        const at = order === null ? index : (order[index] ?? 0);
        const packed = size[at] ?? 0;
        const compressed = packed >= COMPRESSED;
        return {
          host: host[at] ?? 0,
          guest: guest[at] ?? 0,
          clusters: compressed ? 1 : packed,
          compressedBytes: compressed ? packed - COMPRESSED : 0,
        };
      },
      hasData: (cluster) => isSet(allocated, cluster),
      hasDataBetween: (first, end) => anySet(allocated, first, end),
    };
  }

  #mark(guest: number): void {
    const byte = guest >> 3;
    this.#allocated[byte] = (this.#allocated[byte] ?? 0) | (1 << (guest & 7));
  }

  #push(host: number, guest: number, size: number): void {
    if (this.#count === MAX_EXTENTS)
      throw InvalidImage(`qcow2 image: more than ${MAX_EXTENTS} separate pieces`, {
        hint: 'convert it with a larger cluster_size',
      });
    if (this.#count === this.#host.length) this.#grow();
    this.#host[this.#count] = host;
    this.#guest[this.#count] = guest;
    this.#size[this.#count] = size;
    this.#count += 1;
  }

  #grow(): void {
    const length = Math.min(this.#count * 2, MAX_EXTENTS);
    const [host, guest, size] = [this.#host, this.#guest, this.#size];
    this.#host = new Float64Array(length);
    this.#guest = new Uint32Array(length);
    this.#size = new Uint32Array(length);
    this.#host.set(host);
    this.#guest.set(guest);
    this.#size.set(size);
  }
}

const isSet = (bits: Uint8Array, at: number) => ((bits[at >> 3] ?? 0) & (1 << (at & 7))) !== 0;

function anySet(bits: Uint8Array, first: number, end: number): boolean {
  for (let at = first; at < end; ) {
    if ((at & 7) === 0 && at + 8 <= end && bits[at >> 3] === 0) at += 8;
    else if (isSet(bits, at)) return true;
    else at += 1;
  }
  return false;
}

/** Indexes in the order of the file; null when they already are. */
function fileOrder(host: Float64Array, count: number): Uint32Array | null {
  let sorted = true;
  for (let i = 1; i < count && sorted; i++) sorted = (host[i - 1] ?? 0) <= (host[i] ?? 0);
  if (sorted) return null;
  return Uint32Array.from({ length: count }, (_, i) => i).sort((a, b) => (host[a] ?? 0) - (host[b] ?? 0));
}

export function createClusterMap(guestClusters: number, clusterBytes: number): ClusterMapBuilder {
  return new Extents(guestClusters, clusterBytes);
}
