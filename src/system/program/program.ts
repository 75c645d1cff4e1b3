import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { type Groups, signalGroup } from './groups.ts';
import type { Keeper } from './output.ts';

export interface Call {
  readonly file: string;
  readonly args: readonly string[];
  /** Added to the environment of the agent. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string | Uint8Array | null;
  readonly timeoutMs: number;
  readonly keep: Readonly<Record<'stdout' | 'stderr', Keeper>>;
  readonly heard: ((piece: Buffer) => void) | null;
}

export interface Ended {
  /** Absent when a signal ended it, and when it did not end. */
  readonly exitCode?: number;
  readonly signal?: string;
  /** It could not be started: `ENOENT` and the like, and the sentence of the system. */
  readonly code?: string;
  readonly failure?: string;
  readonly timedOut: boolean;
  readonly isCanceled: boolean;
  readonly durationMs: number;
}

type Exit = Pick<Ended, 'exitCode' | 'signal' | 'code' | 'failure'>;
type Stop = 'timeout' | 'cancel' | 'full';

/** From SIGTERM to SIGKILL, and from there to giving up. */
const TERM_MS = 2000;
const KILL_MS = 1000;
/** For this long a pipe must be silent after the end of the program before what holds it open is left behind. */
const SILENCE_MS = 250;

/**
 * Starts a program in a session of its own and waits for it, bounded in all cases. After its time, or an abort, or when
 * it has said enough, everything in its group is ended; what does not end, such as a process that waits for a dying
 * disk, is left behind with its pipes. What a program that has ended left running is not waited for either.
 * Never rejects.
 */
export async function runProgram(call: Call, groups: Groups, signal?: AbortSignal): Promise<Ended> {
  const began = performance.now();
  const full = new AbortController();
  const since = () => Math.round(performance.now() - began);
  const aborted = () => signal?.aborted === true;
  if (aborted()) return { timedOut: false, isCanceled: true, durationMs: 0 };
  const [child, fault] = tryStart(call);
  if (child === null) return { ...fault, timedOut: false, isCanceled: false, durationMs: since() };
  const fate = watch(child, groups);
  const seen = listen(child, call, () => full.abort());
  const stop = stopOf(call.timeoutMs, full.signal, signal);
  const drained = Promise.race([fate.closed, fate.exited.then(() => silence(seen))]);
  const reason = await Promise.race([drained.then(() => null), stop.reason]);
  stop.forget();
  const exit = fate.exit();
  if (reason !== null && exit === null && child.pid !== undefined) await endGroup(child.pid, fate.closed);
  abandon(child);
  return {
    ...(exit ?? fate.exit()),
    timedOut: reason === 'timeout' && exit === null,
    isCanceled: reason === 'cancel' || (reason !== null && aborted()),
    durationMs: since(),
  };
}

const faultOf = (error: unknown): Exit => ({
  ...(error instanceof Error && 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
  failure: error instanceof Error ? error.message : String(error),
});

function tryStart({ file, args, env, stdin }: Call): readonly [ChildProcess, null] | readonly [null, Exit] {
  try {
    const child = spawn(file, args, {
      detached: true,
      stdio: [stdin === null ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    return [child, null];
  } catch (error) {
    return [null, faultOf(error)];
  }
}

function watch(child: ChildProcess, groups: Groups) {
  let exit: Exit | null = null;
  const { pid } = child;
  if (pid !== undefined) groups.add(pid);
  const exited = new Promise<void>((resolve) => {
    const end = (how: Exit) => {
      exit ??= how;
      if (pid !== undefined) groups.remove(pid);
      resolve();
    };
    child.once('exit', (code, signal) =>
      end({ ...(code === null ? {} : { exitCode: code }), ...(signal === null ? {} : { signal }) }),
    );
    child.on('error', (error) => end(faultOf(error)));
  });
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    // What did not start has no pipes to wait for.
    child.once('error', () => resolve());
  });
  return { exited, closed, exit: (): Exit | null => exit };
}

/** Feeds the program, keeps what it says; the answer tells how many bytes that were. */
function listen(child: ChildProcess, { stdin, keep, heard }: Call, enough: () => void): () => number {
  let bytes = 0;
  // It need not read all, or anything.
  child.stdin?.on('error', () => undefined);
  if (stdin !== null) child.stdin?.end(stdin);
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.on('data', (chunk: Buffer) => {
      bytes += chunk.byteLength;
      if (!keep[name].take(chunk)) enough();
      if (name === 'stdout') heard?.(chunk);
    });
  return () => bytes;
}

function stopOf(timeoutMs: number, full: AbortSignal, signal?: AbortSignal) {
  const undo: (() => void)[] = [];
  const reason = new Promise<Stop>((resolve) => {
    const timer = setTimeout(() => resolve('timeout'), timeoutMs);
    undo.push(() => clearTimeout(timer));
    for (const [source, why] of [[full, 'full'] as const, [signal, 'cancel'] as const]) {
      const fire = () => resolve(why);
      source?.addEventListener('abort', fire, { once: true });
      undo.push(() => source?.removeEventListener('abort', fire));
    }
  });
  return {
    reason,
    forget: () => {
      for (const one of undo) one();
    },
  };
}

/** A turn of the loop follows each pause, so that what was in the pipes before has been read. */
async function silence(seen: () => number): Promise<void> {
  for (let before = -1; before !== seen(); ) {
    before = seen();
    await pause(SILENCE_MS, undefined, { ref: false });
    await turn();
  }
}

async function endGroup(leader: number, closed: Promise<void>): Promise<void> {
  for (const [signal, ms] of [['SIGTERM', TERM_MS] as const, ['SIGKILL', KILL_MS] as const]) {
    signalGroup(leader, signal);
    const patience = new AbortController();
    const over = pause(ms, 'over', { signal: patience.signal }).catch(() => 'over');
    if ((await Promise.race([closed.then(() => 'closed'), over])) === 'closed') return patience.abort();
  }
}

/** Whatever still runs or holds a pipe keeps neither the agent nor its memory. */
function abandon(child: ChildProcess): void {
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
  child.unref();
}
