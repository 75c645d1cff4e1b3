import type { Socket } from 'node:net';
import { KiB, timerMs } from '../../../core/index.ts';
import { TransferFailed, TransferStalled } from './errors.ts';

const SCRATCH = 64 * KiB;
const HIGH_WATER = 64 * KiB;
const MAX_LINE = 64 * KiB;
const NOTHING = new Uint8Array(0);

/** The reading side of a connection, pulled by the consumer. Only one call may be under way at a time. */
export interface Wire {
  /** Waits until `into` is full or the peer has ended; the count says which. Bytes that arrived before a fault are
   * delivered first, the fault at the next call. */
  fill(into: Uint8Array): Promise<number>;
  /** One line without its end, as Latin-1. @throws TransferFailed at the end of the stream or beyond 64 KiB */
  line(): Promise<string>;
  /** True while the peer is there and nothing has been received that was not asked for. */
  isClean(): boolean;
  send(text: string): void;
  /** Ends the connection; a waiting call gets `reason`. */
  close(reason?: unknown): void;
}

/** `onread` of the socket options: bytes land in the consumer's own memory without a copy. */
export interface OnRead {
  readonly buffer: () => Uint8Array;
  readonly callback: (bytes: number, buffer: Uint8Array) => boolean;
}

/** One call of `fill` that has not got all its bytes yet. */
interface Pending {
  readonly into: Uint8Array;
  readonly resolve: (count: number) => void;
  readonly reject: (error: unknown) => void;
  readonly stall: NodeJS.Timeout;
  filled: number;
}

/** Made before its socket, because `onread` must be among the options of connect. */
export class SocketWire implements Wire {
  readonly #peer: string;
  readonly #stallMs: number;
  readonly #scratch = new Uint8Array(SCRATCH);
  /** Received but not yet asked for. */
  #spare: Uint8Array = NOTHING;
  #pending: Pending | null = null;
  #socket: Socket | null = null;
  #failure: unknown = null;
  #ended = false;

  /** @param stallMs the longest silence while somebody waits for bytes */
  constructor(peer: string, stallMs: number) {
    this.#peer = peer;
    this.#stallMs = stallMs;
  }

  readonly onread: OnRead = {
    buffer: () => {
      const { into, filled } = this.#pending ?? { into: NOTHING, filled: 0 };
      return filled < into.length ? into.subarray(filled) : this.#scratch;
    },
    // After this returns false the runtime asks for the next buffer at once: it gets scratch, which is always copied out.
    callback: (bytes, buffer) => {
      if (buffer === this.#scratch) this.#accept(buffer.subarray(0, bytes));
      else if (this.#pending !== null) this.#pending.filled += bytes;
      return this.#arrived();
    },
  };

  /** @param via `data` for sockets that do not support `onread` (TLS inside a proxy's tunnel) */
  bind(socket: Socket, via: 'onread' | 'data'): Wire {
    this.#socket = socket;
    socket.on('error', (error) =>
      this.close(TransferFailed(`connection to ${this.#peer} broke: ${error.message}`, { cause: error })),
    );
    const end = () => {
      this.#ended = true;
      this.#settle();
    };
    socket.on('end', end);
    socket.on('close', end);
    if (via === 'data')
      socket.on('data', (chunk) => {
        this.#accept(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
        if (!this.#arrived()) socket.pause();
      });
    return this;
  }

  fill(into: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      const stall = setTimeout(() => this.close(this.#silence()), timerMs(this.#stallMs));
      this.#pending = { into, resolve, reject, stall, filled: 0 };
      const held = this.#spare;
      this.#spare = NOTHING;
      this.#accept(held);
      if (this.#pending.filled === into.length || this.#ended || this.#failure !== null) this.#settle();
      else this.#socket?.resume();
    });
  }

  async line(): Promise<string> {
    for (let searched = 0; ; ) {
      const at = this.#spare.indexOf(10, searched);
      if (at >= 0) {
        const text = Buffer.from(this.#spare.subarray(0, at)).toString('latin1');
        this.#spare = this.#spare.subarray(at + 1);
        return text.endsWith('\r') ? text.slice(0, -1) : text;
      }
      if (this.#spare.length > MAX_LINE) throw TransferFailed(`${this.#peer} sent a line beyond ${MAX_LINE} bytes`);
      searched = this.#spare.length;
      await this.#more();
    }
  }

  isClean(): boolean {
    return this.#spare.length === 0 && !this.#ended && this.#failure === null;
  }

  send(text: string): void {
    this.#socket?.write(text, 'latin1');
  }

  close(reason?: unknown): void {
    this.#failure ??= reason ?? TransferFailed(`the transfer from ${this.#peer} was given up`);
    this.#settle();
    this.#socket?.destroy();
  }

  #silence() {
    return TransferStalled(`${this.#peer} sent nothing for ${this.#stallMs / 1000} s`);
  }

  /** Waits for at least one byte beyond what is spare. */
  async #more(): Promise<void> {
    const held = this.#spare;
    const one = new Uint8Array(1);
    this.#spare = NOTHING;
    const count = await this.fill(one);
    this.#spare = Buffer.concat([held, one.subarray(0, count), this.#spare]);
    if (count === 0) throw TransferFailed(`${this.#peer} closed the connection in the middle of the answer`);
  }

  #accept(data: Uint8Array): void {
    let rest = data;
    if (this.#pending !== null) {
      const { into, filled } = this.#pending;
      const part = data.subarray(0, into.length - filled);
      into.set(part, filled);
      this.#pending.filled += part.length;
      rest = data.subarray(part.length);
    }
    if (rest.length > 0) this.#spare = Buffer.concat([this.#spare, rest]);
  }

  /** False when the peer should be held back because nobody asks. */
  #arrived(): boolean {
    this.#pending?.stall.refresh();
    if (this.#pending !== null && this.#pending.filled === this.#pending.into.length) this.#settle();
    return this.#spare.length < HIGH_WATER;
  }

  #settle(): void {
    const pending = this.#pending;
    if (pending === null) return;
    clearTimeout(pending.stall);
    this.#pending = null;
    if (pending.filled === 0 && this.#failure !== null) pending.reject(this.#failure);
    else pending.resolve(pending.filled);
  }
}
