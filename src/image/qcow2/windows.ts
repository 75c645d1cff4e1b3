import type { Slots } from '../../system/index.ts';
import type { Run, Sink } from '../disk/index.ts';
import { InvalidImage } from '../errors.ts';
import type { ClusterMap } from './cluster-map.ts';
import type { Qcow2Header } from './header.ts';

/** Slots that must stay free for writing while windows are open. */
const SLOTS_FOR_WRITING = 4;

/** Collects clusters, which come in the order of the file, into slot-sized windows of the disk, so that the disk sees
 * few large writes. Holes inside a window with data are written as zeros; windows without data are left to the sink. */
export interface Windows {
  /** Hands all windows without data to the sink as holes. */
  zeroEmpty(): void;
  put(guestOffset: number, data: Uint8Array): Promise<void>;
  /** Lets `decode` make one whole cluster right where it will be written from; `visible` bytes of it count. */
  make(guestOffset: number, visible: number, decode: (cluster: Uint8Array) => void): Promise<void>;
  /** Writes what is still open. @throws InvalidImage when data is missing */
  finish(): void;
}

interface Window {
  readonly index: number;
  readonly slot: Uint8Array;
  readonly runs: { from: number; to: number }[];
  /** Bytes that are still to come. */
  missing: number;
}

class GuestWindows implements Windows {
  readonly #header: Qcow2Header;
  readonly #map: ClusterMap;
  readonly #slots: Slots;
  readonly #sink: Sink;
  readonly #bytes: number;
  readonly #open = new Map<number, Window>();
  /** Bytes still to come for windows that had to be written early. */
  readonly #early = new Map<number, number>();
  #current: Window | null = null;

  constructor(header: Qcow2Header, map: ClusterMap, slots: Slots, sink: Sink) {
    this.#header = header;
    this.#map = map;
    this.#slots = slots;
    this.#sink = sink;
    this.#bytes = slots.slotBytes;
  }

  zeroEmpty(): void {
    const { virtualSize, clusterBytes } = this.#header;
    for (let base = 0; base < virtualSize; base += this.#bytes) {
      const end = Math.min(base + this.#bytes, virtualSize);
      const isEmpty = !this.#map.hasDataBetween(base / clusterBytes, Math.ceil(end / clusterBytes));
      if (isEmpty) this.#sink.zero(base, end - base);
    }
  }

  async put(guestOffset: number, data: Uint8Array): Promise<void> {
    const window = await this.#windowOf(guestOffset);
    const from = guestOffset - window.index * this.#bytes;
    const to = Math.min(from + data.length, this.#bytes);
    window.slot.set(data.subarray(0, to - from), from);
    this.#arrived(window, from, to);
    if (to - from < data.length) await this.put(guestOffset + to - from, data.subarray(to - from));
  }

  async make(guestOffset: number, visible: number, decode: (cluster: Uint8Array) => void): Promise<void> {
    const window = await this.#windowOf(guestOffset);
    const from = guestOffset - window.index * this.#bytes;
    decode(window.slot.subarray(from, from + this.#header.clusterBytes));
    this.#arrived(window, from, from + visible);
  }

  async #windowOf(guestOffset: number): Promise<Window> {
    const index = Math.floor(guestOffset / this.#bytes);
    if (this.#current?.index !== index) this.#current = this.#open.get(index) ?? (await this.#start(index));
    return this.#current;
  }

  #arrived(window: Window, from: number, to: number): void {
    const last = window.runs.at(-1);
    if (last?.to === from) last.to = to;
    else window.runs.push({ from, to });
    window.missing -= to - from;
    if (window.missing === 0) this.#flush(window);
  }

  finish(): void {
    const open = [...this.#open.values()];
    for (const window of open) this.#flush(window);
    if (this.#early.size > 0) throw InvalidImage('qcow2 image: the file ended before all of its clusters came');
  }

  async #start(index: number): Promise<Window> {
    const [oldest] = this.#open.values();
    if (oldest !== undefined && this.#open.size >= this.#slots.count - SLOTS_FOR_WRITING) this.#flush(oldest);
    const slot = await this.#slots.take();
    const base = index * this.#bytes;
    const early = this.#early.get(index);
    const data = this.#dataRuns(base);
    const end = Math.min(this.#bytes, this.#header.virtualSize - base);
    const runs = early === undefined ? holesBetween(data, end) : [];
    for (const { from, to } of runs) slot.fill(0, from, to);
    const missing = early ?? data.reduce((sum, { from, to }) => sum + to - from, 0);
    const window = { index, slot, runs, missing };
    this.#open.set(index, window);
    return window;
  }

  #flush(window: Window): void {
    this.#open.delete(window.index);
    if (this.#current === window) this.#current = null;
    if (window.missing > 0) this.#early.set(window.index, window.missing);
    else this.#early.delete(window.index);
    this.#sink.write(window.slot, joined(window.runs), window.index * this.#bytes);
  }

  /** Where a window has data, clipped to the virtual size. */
  #dataRuns(base: number): Run[] {
    const { clusterBytes, virtualSize } = this.#header;
    const runs: { from: number; to: number }[] = [];
    const end = Math.min(this.#bytes, virtualSize - base);
    for (let from = 0; from < end; from += clusterBytes) {
      if (!this.#map.hasData((base + from) / clusterBytes)) continue;
      const to = Math.min(from + clusterBytes, end);
      const last = runs.at(-1);
      if (last?.to === from) last.to = to;
      else runs.push({ from, to });
    }
    return runs;
  }
}

function holesBetween(data: readonly Run[], end: number): { from: number; to: number }[] {
  const starts = [0, ...data.map((run) => run.to)];
  const stops = [...data.map((run) => run.from), end];
  return starts.map((from, i) => ({ from, to: stops[i] ?? end })).filter(({ from, to }) => from < to);
}

/** Neighbours become one, so that a complete window is a single write. */
function joined(runs: readonly Run[]): readonly Run[] {
  const out: { from: number; to: number }[] = [];
  for (const { from, to } of [...runs].sort((a, b) => a.from - b.from)) {
    const last = out.at(-1);
    if (last !== undefined && last.to >= from) last.to = Math.max(last.to, to);
    else out.push({ from, to });
  }
  return out;
}

export function createWindows(header: Qcow2Header, map: ClusterMap, slots: Slots, sink: Sink): Windows {
  return new GuestWindows(header, map, slots, sink);
}
