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
  /** A place for one whole cluster, right where it will be written from; `visible` bytes of it count. Null means: wait
   * for `open` and ask again. */
  reserve(guestOffset: number, visible: number): Reserved | null;
  open(guestOffset: number): Promise<void>;
  /** Writes what is still open. @throws InvalidImage when data is missing */
  finish(): void;
}

/** The window is not written before `made` has been called. */
export interface Reserved {
  readonly cluster: Uint8Array;
  readonly made: () => void;
}

/** How clusters come to be made that have a place reserved. */
export interface Making {
  /** Has everything reserved so far made. */
  readonly send: () => void;
  /** Waits for `goal`. @throws what has ended the making */
  readonly during: <T>(goal: Promise<T>) => Promise<T>;
}

interface Window {
  readonly index: number;
  readonly slot: Uint8Array;
  readonly runs: { from: number; to: number }[];
  /** Bytes that are still to come. */
  missing: number;
  /** Clusters that are being made in it. */
  reserved: number;
  /** Called when `reserved` has become 0. */
  idle: () => void;
}

export interface WindowParts {
  readonly slots: Slots;
  readonly sink: Sink;
  readonly making: Making;
}

class GuestWindows implements Windows {
  readonly #header: Qcow2Header;
  readonly #map: ClusterMap;
  readonly #slots: Slots;
  readonly #sink: Sink;
  readonly #making: Making;
  readonly #bytes: number;
  readonly #open = new Map<number, Window>();
  /** Bytes still to come for windows that had to be written early. */
  readonly #early = new Map<number, number>();
  #current: Window | null = null;

  constructor(header: Qcow2Header, map: ClusterMap, { slots, sink, making }: WindowParts) {
    this.#header = header;
    this.#map = map;
    this.#slots = slots;
    this.#sink = sink;
    this.#making = making;
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

  async open(guestOffset: number): Promise<void> {
    await this.#windowOf(guestOffset);
  }

  reserve(guestOffset: number, visible: number): Reserved | null {
    const window = this.#current;
    if (window?.index !== Math.floor(guestOffset / this.#bytes)) return null;
    const from = guestOffset - window.index * this.#bytes;
    const cluster = window.slot.subarray(from, from + this.#header.clusterBytes);
    window.reserved += 1;
    const made = () => {
      window.reserved -= 1;
      this.#arrived(window, from, from + visible);
      if (window.reserved === 0) window.idle();
    };
    return { cluster, made };
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
    while (this.#open.size >= this.#slots.count - SLOTS_FOR_WRITING) await this.#closeOldest();
    const slot = await this.#making.during(this.#slots.take());
    const base = index * this.#bytes;
    const early = this.#early.get(index);
    const data = this.#dataRuns(base);
    const end = Math.min(this.#bytes, this.#header.virtualSize - base);
    const runs = early === undefined ? holesBetween(data, end) : [];
    for (const { from, to } of runs) slot.fill(0, from, to);
    const missing = early ?? data.reduce((sum, { from, to }) => sum + to - from, 0);
    const window = { index, slot, runs, missing, reserved: 0, idle: () => undefined };
    this.#open.set(index, window);
    return window;
  }

  /** Often it is written by what is still being made in it. */
  async #closeOldest(): Promise<void> {
    const [oldest] = this.#open.values();
    if (oldest === undefined) return;
    this.#making.send();
    if (oldest.reserved > 0)
      await this.#making.during(
        new Promise<void>((resolve) => {
          oldest.idle = resolve;
        }),
      );
    if (this.#open.has(oldest.index)) this.#flush(oldest);
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

export function createWindows(header: Qcow2Header, map: ClusterMap, parts: WindowParts): Windows {
  return new GuestWindows(header, map, parts);
}
