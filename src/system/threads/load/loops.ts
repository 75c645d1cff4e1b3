import { closeSync, constants, openSync, readSync } from 'node:fs';
import type { ReadWork, Work, WorkDone, WorkTimes } from './work.ts';

/** Does some of the work and says how many loops that were: so many that the clock is not asked all the time. */
interface Loop {
  readonly step: () => number;
  readonly end: () => void;
}

const HIGHEST = 15_000;
/** Blocks together this large are written between two looks at the clock. */
const FILL_BYTES = 4 * 1024 * 1024;

/** Primes up to a limit by division, as the CPU test of the reference's program defines a loop. */
function countPrimes(highest: number): number {
  let found = 0;
  for (let candidate = 3; candidate <= highest; candidate++) {
    const last = Math.floor(Math.sqrt(candidate));
    let divisor = 2;
    while (divisor <= last && candidate % divisor !== 0) divisor += 1;
    if (divisor > last) found += 1;
  }
  return found;
}

function primes(): Loop {
  const expected = countPrimes(HIGHEST);
  const step = () => {
    if (countPrimes(HIGHEST) !== expected) throw new Error('the processor counts wrong');
    return 1;
  };
  return { step, end: () => undefined };
}

function fill(blockBytes: number, shared: Uint8Array | null): Loop {
  const block = shared ?? new Uint8Array(blockBytes);
  const times = Math.max(1, Math.floor(FILL_BYTES / blockBytes));
  let value = 0;
  // Memory that was never written is not there yet.
  block.fill(1);
  const step = () => {
    value = (value + 1) & 0xff;
    for (let i = 0; i < times; i++) block.fill(value);
    return times;
  };
  return { step, end: () => undefined };
}

function read({ path, into, blocks, next, seed }: ReadWork): Loop {
  const device = openSync(path, constants.O_RDONLY | constants.O_DIRECT);
  let state = seed;
  const random = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % blocks;
  };
  const step = () => {
    const block = next === null ? random() : Atomics.add(next, 0, 1) % blocks;
    const count = readSync(device, into, 0, into.length, block * into.length);
    if (count !== into.length) throw new Error(`${path} gave ${count} bytes of ${into.length} at block ${block}`);
    return 1;
  };
  return { step, end: () => closeSync(device) };
}

function start(work: Work): Loop {
  if (work.kind === 'primes') return primes();
  return work.kind === 'fill' ? fill(work.blockBytes, work.shared) : read(work);
}

function during(ms: number, step: () => number): WorkDone {
  const began = performance.now();
  let loops = 0;
  for (;;) {
    const passed = performance.now() - began;
    if (passed >= ms) return { loops, ms: passed };
    loops += step();
  }
}

/** Works on this thread for the time given, without a break. @throws what the work throws */
export function workFor(work: Work, { warmMs, ms }: WorkTimes): WorkDone {
  const loop = start(work);
  try {
    during(warmMs, loop.step);
    return during(ms, loop.step);
  } finally {
    loop.end();
  }
}
