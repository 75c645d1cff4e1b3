/**
 * Grows by whole pieces of memory. The bytes of a long string lie in one of them, and not in the many small ones in
 * which they came: the C library keeps small pieces for itself when they are freed, for as long as the process lives.
 */
export interface Store {
  add(bytes: Uint8Array): void;
  /** What was added, in order; a view of the memory itself. */
  all(): Buffer;
}

/** `room`: how much is expected to come, if that is known; more may come. */
export function createStore(room: number): Store {
  let memory = Buffer.allocUnsafeSlow(room);
  let used = 0;
  const grow = (needed: number) => {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, memory.length * 2));
    memory.copy(larger, 0, 0, used);
    memory = larger;
  };
  return {
    add: (bytes) => {
      if (used + bytes.length > memory.length) grow(used + bytes.length);
      memory.set(bytes, used);
      used += bytes.length;
    },
    all: () => memory.subarray(0, used),
  };
}
