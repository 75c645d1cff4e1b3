import type { Extent } from './cluster-map.ts';
import type { ClusterQueue } from './cluster-queue.ts';
import type { Qcow2Layout } from './layout.ts';
import type { Windows } from './windows.ts';

/** Turns the file, given piece by piece in order, into clusters in their places on the disk. */
export interface Qcow2Stream {
  /** @param bytes the file from `offset` on; starts at or before the end of what came before. Compressed clusters in it
   * may be read until the queue says that its input is done.
   * @returns the offset from which bytes are still needed, at most two clusters before the end of `bytes` */
  feed(bytes: Uint8Array, offset: number, isLast: boolean): Promise<number>;
}

interface PlainRun {
  readonly extent: Extent;
  /** Next byte of the file. */
  at: number;
}

class ClusterStream implements Qcow2Stream {
  readonly #layout: Qcow2Layout;
  readonly #windows: Windows;
  readonly #queue: ClusterQueue;
  #next = 0;
  #plain: PlainRun[] = [];
  /** Compressed clusters whose end has not come yet. */
  #waiting: Extent[] = [];

  constructor(layout: Qcow2Layout, windows: Windows, queue: ClusterQueue) {
    this.#layout = layout;
    this.#windows = windows;
    this.#queue = queue;
  }

  async feed(bytes: Uint8Array, offset: number, isLast: boolean): Promise<number> {
    const end = offset + bytes.length;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const extent of waiting) {
      const opening = this.#compressed(extent, bytes, offset, isLast);
      if (opening !== null) await opening;
    }
    for (const run of this.#plain) await this.#advance(run, bytes, offset);
    for (; this.#next < this.#layout.map.count; this.#next++) {
      const extent = this.#layout.map.extent(this.#next);
      if (extent.host >= end) break;
      const opening =
        extent.compressedBytes > 0
          ? this.#compressed(extent, bytes, offset, isLast)
          : this.#plainRun(extent, bytes, offset);
      if (opening !== null) await opening;
    }
    this.#plain = this.#plain.filter((run) => run.at < this.#endOf(run.extent));
    if (isLast) for (const run of this.#plain) await this.#padWithZeros(run);
    return Math.min(end, ...this.#waiting.map((extent) => extent.host));
  }

  async #plainRun(extent: Extent, bytes: Uint8Array, offset: number): Promise<void> {
    const run = { extent, at: extent.host };
    await this.#advance(run, bytes, offset);
    if (run.at < this.#endOf(extent)) this.#plain.push(run);
  }

  async #advance(run: PlainRun, bytes: Uint8Array, offset: number): Promise<void> {
    const to = Math.min(this.#endOf(run.extent), offset + bytes.length);
    if (to <= run.at) return;
    await this.#put(run, bytes.subarray(run.at - offset, to - offset));
    run.at = to;
  }

  /** The last cluster of a file may be cut short; what is missing reads as zeros. */
  async #padWithZeros(run: PlainRun): Promise<void> {
    const left = this.#endOf(run.extent) - run.at;
    if (left >= this.#layout.header.clusterBytes) return;
    await this.#put(run, new Uint8Array(left));
    run.at += left;
  }

  /** Null when there is nothing to wait for, as for most of the very many clusters. */
  #compressed(extent: Extent, bytes: Uint8Array, offset: number, isLast: boolean): Promise<void> | null {
    const start = extent.host - offset;
    const end = start + extent.compressedBytes;
    if (end > bytes.length && !isLast) {
      this.#waiting.push(extent);
      return null;
    }
    const { clusterBytes, virtualSize } = this.#layout.header;
    const guest = extent.guest * clusterBytes;
    const place = this.#windows.reserve(guest, Math.min(clusterBytes, virtualSize - guest));
    if (place === null)
      return this.#windows.open(guest).then(() => this.#compressed(extent, bytes, offset, isLast) ?? undefined);
    this.#queue.add(bytes.subarray(start, end), place.cluster, extent.host, place.made);
    return null;
  }

  #endOf(extent: Extent): number {
    return extent.host + extent.clusters * this.#layout.header.clusterBytes;
  }

  async #put(run: PlainRun, content: Uint8Array): Promise<void> {
    const { clusterBytes, virtualSize } = this.#layout.header;
    const guest = run.extent.guest * clusterBytes + run.at - run.extent.host;
    const visible = content.subarray(0, Math.max(0, virtualSize - guest));
    if (visible.length > 0) await this.#windows.put(guest, visible);
  }
}

export function createQcow2Stream(layout: Qcow2Layout, windows: Windows, queue: ClusterQueue): Qcow2Stream {
  return new ClusterStream(layout, windows, queue);
}
