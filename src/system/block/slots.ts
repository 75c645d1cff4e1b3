/** `WebAssembly` is a global of the runtime; only its memory is used here. */
declare const WebAssembly: {
  readonly Memory: new (options: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared?: boolean;
  }) => { readonly buffer: ArrayBuffer };
};

const WASM_PAGE = 65_536;

/** A fixed pool of equal, page-aligned buffers: the bound on memory and, by waiting for one, the back-pressure. */
export interface Slots {
  readonly slotBytes: number;
  readonly count: number;
  /** The next free slot, in order of asking. @throws what `fail` was given */
  take(): Promise<Uint8Array>;
  give(slot: Uint8Array): void;
  /** Ends the pool: everybody who waits or asks from now on gets `error`. */
  fail(error: unknown): void;
  /** Aborts at the first `fail`, with its error: for those who wait for something else, such as the network. */
  readonly failed: AbortSignal;
}

interface Waiter {
  readonly resolve: (slot: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

/** Memory whose address is a multiple of the page size, as O_DIRECT wants it; ordinary buffers are not. */
export function alignedMemory(bytes: number): Uint8Array {
  const pages = Math.ceil(bytes / WASM_PAGE);
  return new Uint8Array(new WebAssembly.Memory({ initial: pages, maximum: pages }).buffer, 0, bytes);
}

/** The same, for several threads at once. */
export function sharedMemory(bytes: number): Uint8Array {
  const pages = Math.ceil(bytes / WASM_PAGE);
  return new Uint8Array(new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }).buffer, 0, bytes);
}

/** @param slotBytes a multiple of 64 KiB. @param memory of at least `count` slots, to use again what is allocated */
export function createSlots(count: number, slotBytes: number, memory = alignedMemory(count * slotBytes)): Slots {
  const free = Array.from({ length: count }, (_, i) => memory.subarray(i * slotBytes, (i + 1) * slotBytes));
  const waiting: Waiter[] = [];
  const failure = new AbortController();
  return {
    slotBytes,
    count,
    take() {
      if (failure.signal.aborted) return Promise.reject(failure.signal.reason);
      const slot = free.pop();
      if (slot !== undefined) return Promise.resolve(slot);
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    give(slot) {
      const next = waiting.shift();
      if (next === undefined) free.push(slot);
      else next.resolve(slot);
    },
    fail(error) {
      failure.abort(error);
      for (const waiter of waiting.splice(0)) waiter.reject(error);
    },
    failed: failure.signal,
  };
}
