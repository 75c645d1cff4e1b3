import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { reasonOf } from '../../../core/index.ts';
import { type DecodeFault, type DecodePiece, decodePieces, packPieces } from './batch.ts';
import { DecoderLost } from './errors.ts';
import { createOneShotDecoder, type OneShotDecoder } from './one-shot.ts';
import { type DecoderSetup, startDecoderThread } from './start.ts';

const CORES_PER_THREAD = 2;
const MAX_THREADS = 8;
/** What a thread decodes while this one hashes a piece, decodes a batch of its own or starts a program: with less, the
 * other core is idle a quarter of the time. With many more, the last ones are waited for at the end. */
const BATCHES_AHEAD = 4;

/** Decodes batches on other threads, and on this one while it waits. With no other thread it does all itself. */
export interface DecodeCrew {
  /** Resolves when all pieces are made, or with the first fault; never after `fail`. */
  submit(pieces: readonly DecodePiece[]): Promise<DecodeFault | null>;
  /** Waits for `goal` and decodes meanwhile. @throws what `goal` throws, what `fail` was given, DecoderLost */
  during<T>(goal: Promise<T>): Promise<T>;
  /** Everybody who waits or asks from now on gets `error`. */
  fail(error: unknown): void;
  /** Batches decoded by other threads and by this one. */
  readonly counts: () => { readonly elsewhere: number; readonly here: number };
  /** Ends all threads; when it resolves, none of them touches the memory any more. */
  close(): Promise<void>;
}

export interface CrewOptions extends DecoderSetup {
  /** Other threads; default one per two cores, at most 8. */
  readonly threads?: number;
  /** Told when a thread cannot be started, which only costs time. */
  readonly onMissing?: (reason: string) => void;
  readonly start?: (setup: DecoderSetup) => Worker;
}

interface Batch {
  readonly pieces: readonly DecodePiece[];
  readonly done: (fault: DecodeFault | null) => void;
}

/** Another thread and what it has been given, which it answers in order. */
interface Helper {
  readonly worker: Worker;
  readonly given: Batch[];
  ready: boolean;
}

export const defaultThreads = (cores: number): number => Math.min(MAX_THREADS, Math.floor(cores / CORES_PER_THREAD));

/** Lets the event loop handle what has arrived. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

class ThreadCrew implements DecodeCrew {
  readonly #options: CrewOptions;
  readonly #helpers = new Set<Helper>();
  readonly #queue: Batch[] = [];
  readonly #waiting = new Set<(error: unknown) => void>();
  #own: OneShotDecoder | null = null;
  #failure: { readonly error: unknown } | null = null;
  #closed = false;
  #elsewhere = 0;
  #here = 0;

  constructor(options: CrewOptions) {
    this.#options = options;
    const threads = options.threads ?? defaultThreads(availableParallelism());
    for (let i = 0; i < threads; i++) this.#hire();
  }

  submit(pieces: readonly DecodePiece[]): Promise<DecodeFault | null> {
    return new Promise((done) => {
      this.#queue.push({ pieces, done });
      this.#handOut();
    });
  }

  async during<T>(goal: Promise<T>): Promise<T> {
    let open = true;
    const close = () => {
      open = false;
    };
    goal.then(close, close);
    await turn();
    while (open && this.#failure === null) {
      const batch = this.#queue.shift();
      if (batch === undefined) break;
      this.#own ??= createOneShotDecoder(this.#options.codec);
      batch.done(decodePieces(this.#own, batch.pieces));
      this.#here += 1;
      await turn();
    }
    return this.#orFailure(goal);
  }

  counts = () => ({ elsewhere: this.#elsewhere, here: this.#here });

  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#queue.length = 0;
    for (const reject of this.#waiting) reject(error);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#helpers].map(({ worker }) => worker.terminate()));
    this.#own?.close();
  }

  #orFailure<T>(goal: Promise<T>): Promise<T> {
    if (this.#failure !== null) return Promise.reject(this.#failure.error);
    return new Promise<T>((resolve, reject) => {
      this.#waiting.add(reject);
      goal.then(resolve, reject).finally(() => this.#waiting.delete(reject));
    });
  }

  #hire(): void {
    const { start = startDecoderThread, onMissing = () => undefined, codec, memories, pieceBytes } = this.#options;
    try {
      const helper: Helper = { worker: start({ codec, memories, pieceBytes }), given: [], ready: false };
      this.#helpers.add(helper);
      helper.worker.on('message', (answer: DecodeFault | null | 'ready') => this.#answered(helper, answer));
      helper.worker.on('error', (error) => this.#lost(helper, reasonOf(error)));
      helper.worker.on('exit', (code) => this.#lost(helper, `it exited with code ${code}`));
    } catch (error) {
      onMissing(reasonOf(error));
    }
  }

  #answered(helper: Helper, answer: DecodeFault | null | 'ready'): void {
    if (answer === 'ready') helper.ready = true;
    else {
      helper.given.shift()?.done(answer);
      this.#elsewhere += 1;
    }
    this.#handOut();
  }

  #handOut(): void {
    for (const helper of this.#helpers)
      while (helper.ready && helper.given.length < BATCHES_AHEAD) {
        const batch = this.#queue.shift();
        if (batch === undefined) return;
        helper.given.push(batch);
        helper.worker.postMessage(packPieces(batch.pieces, this.#options.memories));
      }
  }

  /** One that never started is missed only; one that died may have left a piece half made. */
  #lost(helper: Helper, reason: string): void {
    if (!this.#helpers.delete(helper) || this.#closed) return;
    if (helper.ready) this.fail(DecoderLost(`a thread that decodes the image ended: ${reason}`));
    else this.#options.onMissing?.(reason);
  }
}

export function createDecodeCrew(options: CrewOptions): DecodeCrew {
  return new ThreadCrew(options);
}
