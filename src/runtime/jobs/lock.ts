/** Runs one piece of work at a time, in order of arrival. A waiter whose signal aborted gives its turn away. */
export type Lock = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

export function createLock(): Lock {
  let tail: Promise<void> = Promise.resolve();
  return async (work, signal) => {
    const before = tail;
    const turn = Promise.withResolvers<void>();
    tail = turn.promise;
    try {
      await before;
      signal?.throwIfAborted();
      return await work();
    } finally {
      turn.resolve();
    }
  };
}
