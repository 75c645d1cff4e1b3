import type { BlockDevice, Slots } from '../../system/index.ts';
import type { Sink, Withheld } from '../disk/index.ts';
import type { TargetDisk } from '../ports.ts';
import type { Meter } from './progress.ts';

/** The open disk and everything that leads to it. */
export interface Place {
  readonly target: TargetDisk;
  readonly device: BlockDevice;
  readonly sink: Sink;
  readonly withheld: Withheld;
  readonly meter: Meter;
  /** Ends also when a write beside the pouring fails. */
  readonly signal: AbortSignal;
}

/** Sizes in bytes. */
export interface Poured {
  /** Of the disk content. */
  readonly virtualSize: number;
  /** What of it was written as data. */
  readonly written: number;
  /** What of it was made zero without data. */
  readonly zeroed: number;
}

/** An image that has passed the pre-flight: what is left is to pour it. */
export interface PreparedImage {
  /** As reported: `raw`, `gpt`, `iso`, `qcow2`, `vmdk`, ... */
  readonly format: string;
  readonly slots: Slots;
  /** Bytes to come over the wire; null when unknown. */
  readonly wireTotal: number | null;
  readonly pour: (place: Place) => Promise<Poured>;
  /** Frees what was set up for it, poured or not. */
  readonly close: () => Promise<void>;
}

export const pouredInto = (sink: Sink, virtualSize: number): Poured => ({
  virtualSize,
  written: sink.written(),
  zeroed: sink.zeroed(),
});

export const nothingToClose = () => Promise.resolve();
