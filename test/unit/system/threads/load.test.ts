import { describe, expect, it } from 'vitest';
import { measureLoad, type Work } from '../../../../src/system/index.ts';

const { signal } = new AbortController();
const times = { warmMs: 10, ms: 60 };
const anywhere = async () => undefined;
const reading = (path: string): Work => ({
  kind: 'read',
  path,
  into: new Uint8Array(new SharedArrayBuffer(4096)),
  blocks: 1,
  next: null,
  seed: 1,
});

describe('work on threads of its own', () => {
  it('counts loops of processors and memory, and says how long they took', async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(4096));
    const works: readonly Work[] = [
      { kind: 'primes' },
      { kind: 'fill', blockBytes: 4096, shared: null },
      { kind: 'fill', blockBytes: 4096, shared },
    ];
    const done = await measureLoad(works, times, anywhere, signal);
    expect(done).toHaveLength(3);
    for (const { loops, ms } of done) {
      expect(loops).toBeGreaterThan(0);
      expect(ms).toBeGreaterThanOrEqual(times.ms);
    }
    expect(shared.some((byte) => byte !== 0)).toBe(true);
  });

  it('tells the number of every thread before any of them works', async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(64));
    const threads: number[] = [];
    const place = async (thread: number) => {
      threads.push(thread);
      expect([...shared]).toEqual(Array(64).fill(0));
    };
    await measureLoad(Array(3).fill({ kind: 'fill', blockBytes: 64, shared }), times, place, signal);
    expect(new Set(threads).size).toBe(3);
    expect(threads.every((thread) => Number.isSafeInteger(thread) && thread !== process.pid)).toBe(true);
  });

  it('leaves the event loop free', async () => {
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 5);
    await measureLoad([{ kind: 'primes' }], { warmMs: 0, ms: 200 }, anywhere, signal);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
  });

  it('ends at once when told to', async () => {
    const stop = new AbortController();
    const began = performance.now();
    const running = measureLoad([{ kind: 'primes' }], { warmMs: 0, ms: 60_000 }, anywhere, stop.signal);
    setTimeout(() => stop.abort(new Error('shutting down')), 50);
    await expect(running).rejects.toThrow('shutting down');
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  it.each<[string, readonly Work[], () => Promise<void>, RegExp]>([
    ['its work fails', [{ kind: 'primes' }, reading('/nonexistent/disk')], anywhere, /ENOENT.*\/nonexistent\/disk/],
    ['it cannot be placed', [{ kind: 'primes' }], () => Promise.reject(new Error('no such CPU')), /no such CPU/],
  ])('says why when %s', async (_case, works, place, why) => {
    await expect(measureLoad(works, { warmMs: 0, ms: 5_000 }, place, signal)).rejects.toThrow(why);
  });
});
