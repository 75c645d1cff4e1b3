import { AgentError, type Clock, formatDuration, reasonOf } from '../../core/index.ts';
import type { Printed } from '../../system/index.ts';
import { mapLimited } from '../parallel.ts';

/** `exitCode` is absent where no program was asked. */
export type Found = Pick<Printed, 'data'> & Partial<Printed>;

/** Something that becomes a member of the archive, if it can be had in time. */
export interface Piece {
  readonly name: string;
  /** Milliseconds; a program that does not die when told to is left behind then. */
  readonly limitMs: number;
  readonly read: (signal: AbortSignal) => Promise<Found>;
}

/** How a piece went, as `manifest.json` says it. */
export interface Row {
  readonly member: string;
  readonly duration_ms: number;
  readonly exit_code?: number;
  readonly bytes?: number;
  /** There was more. */
  readonly cut?: true;
  /** Why it is not there. */
  readonly reason?: string;
}

export interface Gathered {
  readonly row: Row;
  /** Null: skipped, `row.reason` says why. */
  readonly data: Uint8Array | null;
}

/** The time for all pieces together. */
export interface Deadline {
  /** Monotonic milliseconds. */
  readonly at: number;
  readonly signal: AbortSignal;
}

const AT_ONCE = 8;

/** The newest whole lines within the limit: half a line could hold half a secret, which nothing would mask. */
export function newestLines(data: Uint8Array, limit: number): Uint8Array {
  if (data.byteLength <= limit) return data;
  const tail = limit === 0 ? new Uint8Array() : data.subarray(-limit);
  return tail.subarray(tail.indexOf(0x0a) + 1);
}

/** `work`, or a rejection after `ms`; `work` is told to stop then, but nobody waits until it does. */
async function within<T>(
  clock: Clock,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const over = new AbortController();
  const either = AbortSignal.any([over.signal, signal]);
  const late = clock.sleep(ms, either).then(() => Promise.reject(new Error(`not done within ${formatDuration(ms)}`)));
  try {
    return await Promise.race([work(either), late]);
  } finally {
    over.abort(new Error('the time for this member is over'));
  }
}

const exitOf = (error: unknown): Pick<Row, 'exit_code'> =>
  error instanceof AgentError && typeof error.data.exit_code === 'number' ? { exit_code: error.data.exit_code } : {};

async function gather(piece: Piece, clock: Clock, deadline: Deadline): Promise<Gathered> {
  const began = clock.monotonic();
  const row = (more: Omit<Row, 'member' | 'duration_ms'>): Row => ({
    member: piece.name,
    duration_ms: Math.round(clock.monotonic() - began),
    ...more,
  });
  const leftMs = deadline.at - began;
  if (leftMs <= 0) return { row: row({ reason: 'no time was left' }), data: null };
  try {
    const limitMs = Math.min(piece.limitMs, leftMs);
    const { data, exitCode, cut = false } = await within(clock, limitMs, piece.read, deadline.signal);
    const exit = exitCode === undefined ? {} : { exit_code: exitCode };
    return { row: row({ ...exit, bytes: data.byteLength, ...(cut ? { cut } : {}) }), data };
  } catch (error) {
    return { row: row({ ...exitOf(error), reason: reasonOf(error) }), data: null };
  }
}

/** All pieces in their order, several at a time; never rejects for what one of them does. */
export const gatherAll = (
  pieces: readonly Piece[],
  clock: Clock,
  deadline: Deadline,
  atOnce = AT_ONCE,
): Promise<readonly Gathered[]> => mapLimited(pieces, atOnce, (piece) => gather(piece, clock, deadline));
