import { alignedMemory, type BlockDevice, type Slots } from '../../system/index.ts';
import { InvalidImage } from '../errors.ts';
import type { TargetDisk } from '../ports.ts';
import type { Holes } from './holes.ts';
import type { Withheld } from './withheld.ts';

/** Part of a slot, `from` inclusive, `to` exclusive. */
export interface Run {
  readonly from: number;
  readonly to: number;
}

/** Takes pieces of the disk's future content in any order and writes them, several at a time. */
export interface Sink {
  /** Writes parts of the slot to `base + from`, then gives the slot back to the pool. `base` is a multiple of the
   * slot size, so that memory and disk are aligned alike. Faults end the pool: the next `take` gets them. */
  write(slot: Uint8Array, runs: readonly Run[], base: number): void;
  /** Makes a range read as zeros. */
  zero(offset: number, length: number): void;
  /** Waits until everything given is on the disk. @throws the first fault */
  finish(): Promise<void>;
  /** Waits until nothing is under way, whatever the outcome. */
  quiet(): Promise<void>;
  readonly written: () => number;
  readonly zeroed: () => number;
}

export interface SinkParts {
  readonly target: TargetDisk;
  readonly device: BlockDevice;
  readonly slots: Slots;
  readonly withheld: Withheld;
  readonly holes: Holes;
}

class DiskSink implements Sink {
  readonly #parts: SinkParts;
  readonly #sector: number;
  readonly #edge: Uint8Array;
  readonly #jobs = new Set<Promise<void>>();
  /** Sectors that are only partly ours are read, changed and written one at a time. */
  #edges: Promise<void> = Promise.resolve();
  #written = 0;
  #zeroed = 0;

  constructor(parts: SinkParts) {
    this.#parts = parts;
    this.#sector = parts.target.logicalSectorBytes;
    this.#edge = alignedMemory(this.#sector);
  }

  written = () => this.#written;
  zeroed = () => this.#zeroed;

  write(slot: Uint8Array, runs: readonly Run[], base: number): void {
    const { slots, withheld } = this.#parts;
    const writes = runs.map(({ from, to }) => {
      this.#checkEnd(base + to);
      withheld.keep(slot.subarray(from, to), base + from);
      this.#written += to - from;
      const { lo, hi } = this.#between(base + from, base + to);
      return lo < hi ? this.#put(slot.subarray(lo - base, hi - base), lo) : Promise.resolve();
    });
    const job = Promise.all(writes).then(
      () => slots.give(slot),
      (error: unknown) => slots.fail(error),
    );
    this.#jobs.add(job);
    void job.then(() => this.#jobs.delete(job));
  }

  zero(offset: number, length: number): void {
    this.#checkEnd(offset + length);
    this.#zeroed += length;
    const { lo, hi } = this.#between(offset, offset + length);
    const start = Math.ceil(lo / this.#sector) * this.#sector;
    const end = Math.floor(hi / this.#sector) * this.#sector;
    if (start < end) this.#parts.holes.add(start, end - start);
    this.#zeroEdge(lo, Math.min(start, hi));
    this.#zeroEdge(Math.max(start, end), hi);
  }

  /** A pool that a fault has ended gives the fault instead of a slot. */
  async finish(): Promise<void> {
    await this.quiet();
    this.#parts.slots.give(await this.#parts.slots.take());
  }

  async quiet(): Promise<void> {
    await Promise.all(this.#jobs);
    await this.#edges.catch(() => undefined);
    await this.#parts.holes.finish().catch(() => undefined);
  }

  #zeroEdge(lo: number, hi: number): void {
    if (lo >= hi) return;
    this.#patch(new Uint8Array(hi - lo), lo).catch((error: unknown) => this.#parts.slots.fail(error));
  }

  #checkEnd(end: number): void {
    const { size, path } = this.#parts.target;
    if (end > size) throw InvalidImage(`the image is larger than ${path}, which has ${size} bytes`);
  }

  /** The range without the two ends of the disk. */
  #between(offset: number, end: number) {
    const { head, tail } = this.#parts.withheld;
    return { lo: Math.max(offset, head.end), hi: Math.min(end, tail.start) };
  }

  async #put(data: Uint8Array, offset: number): Promise<void> {
    const end = offset + data.length;
    const first = Math.ceil(offset / this.#sector) * this.#sector;
    const last = Math.floor(end / this.#sector) * this.#sector;
    if (first >= last) return this.#patch(data, offset);
    await this.#parts.device.write(data.subarray(first - offset, last - offset), first);
    if (offset < first) await this.#patch(data.subarray(0, first - offset), offset);
    if (last < end) await this.#patch(data.subarray(last - offset), last);
  }

  /** Changes part of one or two sectors; what is not ours in them stays. */
  #patch(data: Uint8Array, offset: number): Promise<void> {
    this.#edges = this.#edges.then(async () => {
      for (let at = offset; at < offset + data.length; ) {
        const start = Math.floor(at / this.#sector) * this.#sector;
        const stop = Math.min(start + this.#sector, offset + data.length);
        await this.#parts.device.read(this.#edge, start);
        this.#edge.set(data.subarray(at - offset, stop - offset), at - start);
        await this.#parts.device.write(this.#edge, start);
        at = stop;
      }
    });
    return this.#edges;
  }
}

export function createSink(parts: SinkParts): Sink {
  return new DiskSink(parts);
}
