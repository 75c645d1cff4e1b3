/** What one thread of a measurement does over and over. */
export type Work =
  | { readonly kind: 'primes' }
  /** Writes a block of memory: its own, or one that other threads write, too. */
  | { readonly kind: 'fill'; readonly blockBytes: number; readonly shared: Uint8Array | null }
  | ReadWork;

/** Reads blocks of a device past the page cache; it is opened for reading only. */
export interface ReadWork {
  readonly kind: 'read';
  readonly path: string;
  /** As large as a block, aligned to a page, shared memory. */
  readonly into: Uint8Array;
  /** Blocks on the device. */
  readonly blocks: number;
  /** Number of the next block, common to all threads that read the device in order; null for random blocks. */
  readonly next: Uint32Array | null;
  /** For random blocks: any whole number but 0. */
  readonly seed: number;
}

export interface WorkTimes {
  /** Work before the measurement: compilers, clocks and sleeping disks wake up. */
  readonly warmMs: number;
  readonly ms: number;
}

export interface WorkDone {
  readonly loops: number;
  /** In which they were done; the last loop may end late. */
  readonly ms: number;
}

/** Thread to main: its number in the kernel, then the result or what went wrong. */
export type WorkMessage = { readonly thread: number } | WorkDone | { readonly fault: string };
