import type { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { formatDuration } from '../../src/core/index.ts';
import { TimedOut } from '../host/index.ts';

/** Cursor moves and colours of firmware and boot loaders. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with a control character
const ESCAPES = /\u001b(\[[0-9;?=]*[A-Za-z]|[()][A-Z0-9]|[=>c78])/g;

const clean = (text: string) => text.replace(ESCAPES, '').replaceAll('\b', '').replaceAll('\r', '');

export interface SerialWait {
  readonly timeoutMs: number;
  /** Named in the error. */
  readonly machine: string;
}

/** The serial console of one machine: what came in since the last power-on, and who listens. */
export interface Serial {
  /** A new power cycle: forgets the lines, keeps the listeners. */
  attach(socket: Socket): void;
  write(data: string | Uint8Array): void;
  /** Lines since power-on, without escape sequences; the last one may be unfinished. */
  lines(): readonly string[];
  /** Each finished line. Returns how to stop listening. */
  onLine(listener: (line: string) => void): () => void;
  /** Raw bytes, for a terminal. Returns how to stop listening. */
  onData(listener: (data: Uint8Array) => void): () => void;
  /** Resolves with the first line since power-on, past or coming, finished or not, that fits. */
  waitFor(pattern: RegExp, wait: SerialWait, signal: AbortSignal): Promise<RegExpMatchArray>;
}

interface State {
  socket: Socket | null;
  finished: string[];
  partial: string;
}

/** A pattern with flag g or y would remember its last match between lines. */
const stateless = (pattern: RegExp) => new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''));

function subscribe<T>(set: Set<T>, listener: T): () => void {
  set.add(listener);
  return () => set.delete(listener);
}

export function createSerial(): Serial {
  const state: State = { socket: null, finished: [], partial: '' };
  const lineListeners = new Set<(line: string) => void>();
  const dataListeners = new Set<(data: Uint8Array) => void>();
  const textListeners = new Set<(line: string) => void>();
  const take = (text: string) => {
    const parts = (state.partial + text).split('\n');
    state.partial = parts.pop() ?? '';
    const lines = parts.map(clean);
    state.finished.push(...lines);
    for (const line of lines) for (const listener of [...lineListeners, ...textListeners]) listener(line);
    if (state.partial !== '') for (const listener of textListeners) listener(clean(state.partial));
  };
  const lines = () => (state.partial === '' ? state.finished : [...state.finished, clean(state.partial)]);
  return {
    attach: (socket) => {
      const decoder = new StringDecoder('utf8');
      Object.assign(state, { socket, finished: [], partial: '' });
      socket.on('data', (chunk: Buffer) => {
        for (const listener of dataListeners) listener(chunk);
        take(decoder.write(chunk));
      });
      socket.on('error', () => undefined);
    },
    write: (data) => void (state.socket?.destroyed === false && state.socket.write(data)),
    lines,
    onLine: (listener) => subscribe(lineListeners, listener),
    onData: (listener) => subscribe(dataListeners, listener),
    waitFor: (pattern, wait, signal) =>
      waitForLine({ pattern: stateless(pattern), wait, lines, textListeners }, signal),
  };
}

interface Waiting {
  readonly pattern: RegExp;
  readonly wait: SerialWait;
  readonly lines: () => readonly string[];
  readonly textListeners: Set<(line: string) => void>;
}

function waitForLine({ pattern, wait, lines, textListeners }: Waiting, signal: AbortSignal): Promise<RegExpMatchArray> {
  return new Promise((resolve, reject) => {
    const finish = (act: () => void) => {
      textListeners.delete(look);
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      act();
    };
    const look = (line: string) => {
      const match = pattern.exec(line);
      if (match !== null) finish(() => resolve(match));
    };
    const late = () => {
      const seen = lines().slice(-5).join(' | ');
      const what = `${wait.machine}: ${pattern} did not appear on the serial console`;
      finish(() => reject(TimedOut(`${what} within ${formatDuration(wait.timeoutMs)}; last lines: ${seen}`)));
    };
    const abort = () => finish(() => reject(signal.reason));
    const timer = setTimeout(late, wait.timeoutMs);
    textListeners.add(look);
    signal.addEventListener('abort', abort);
    if (signal.aborted) return abort();
    for (const line of lines()) {
      if (pattern.test(line)) return look(line);
    }
  });
}
