import type { Clock, Log } from '../../src/core/index.ts';
import type { Timeline } from '../timeline/index.ts';

export interface Ports {
  readonly timeline: Timeline;
  readonly clock: Clock;
  readonly log: Log;
}

/** One run: what it may use, and what it has learned so far. */
export interface Run {
  readonly ports: Ports;
  readonly states: string[];
  readonly logs: Record<string, string>;
  readonly found: { inventory: unknown; deployResult: unknown };
  /** Run in reverse order at the end. */
  readonly cleanup: (() => Promise<void>)[];
}

/** Ironic's defaults for a text console, and both of ours. */
export const KERNEL_ARGUMENTS = 'nofb nomodeset vga=normal console=tty0 console=ttyS0,115200';
