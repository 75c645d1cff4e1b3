import { GiB, type Log, MiB, reasonOf } from '../../core/index.ts';
import { alignedMemory, type BlockDevice, fallocatePunch, type Tools } from '../../system/index.ts';

const PIECE = 4 * MiB;
const AT_ONCE = 4;
/** Below this, writing zeros is cheaper than starting a program. */
const WORTH_PUNCHING = 32 * MiB;
const FIRST_PUNCH = 32 * MiB;
const MAX_PUNCH = GiB;

/** Makes ranges of the disk read as zeros, one after the other, beside the stream of data (imaging 10.5). */
export interface Holes {
  /** Neighbouring ranges are joined. Both numbers are multiples of the sector size. */
  add(offset: number, length: number): void;
  /** Waits for everything. @throws the first fault */
  finish(): Promise<void>;
}

export interface HolePorts {
  readonly tools: Tools;
  readonly log: Log;
  readonly device: BlockDevice;
}

class HoleFiller implements Holes {
  readonly #ports: HolePorts;
  readonly #signal: AbortSignal;
  readonly #onFault: (error: unknown) => void;
  #zeros: Uint8Array | null = null;
  /** Null until the device has shown whether punching gives zeros. */
  #punches: boolean | null = null;
  #open: { readonly offset: number; readonly end: number } | null = null;
  #chain: Promise<void> = Promise.resolve();

  constructor(ports: HolePorts, signal: AbortSignal, onFault: (error: unknown) => void) {
    this.#ports = ports;
    this.#signal = signal;
    this.#onFault = onFault;
  }

  add(offset: number, length: number): void {
    if (this.#open?.end === offset) {
      this.#open = { offset: this.#open.offset, end: offset + length };
      return;
    }
    this.#dispatch();
    this.#open = { offset, end: offset + length };
  }

  async finish(): Promise<void> {
    this.#dispatch();
    await this.#chain;
  }

  #dispatch(): void {
    const range = this.#open;
    this.#open = null;
    if (range === null) return;
    this.#chain = this.#chain.then(() => this.#fill(range.offset, range.end));
    this.#chain.catch(this.#onFault);
  }

  async #fill(offset: number, end: number): Promise<void> {
    let at = offset;
    while (at < end && end - at >= WORTH_PUNCHING && this.#punches !== false) {
      const length = Math.min(this.#punches === null ? FIRST_PUNCH : MAX_PUNCH, end - at);
      this.#punches = await this.#punch(at, length);
      if (this.#punches) at += length;
    }
    await this.#write(at, end);
  }

  /** Punching without a fallback is fast or refused; the first time its effect is read back. */
  async #punch(offset: number, length: number): Promise<boolean> {
    const { tools, log, device } = this.#ports;
    try {
      await tools.run(fallocatePunch, { device: device.path, offset, length }, this.#signal);
      const works = this.#punches === true || (await this.#readsZero(offset, length));
      if (!works) log.warn('image.holes.punch-unreliable', { disk: device.path });
      return works;
    } catch (error) {
      this.#signal.throwIfAborted();
      log.info('image.holes.written', { disk: device.path, reason: reasonOf(error) });
      return false;
    }
  }

  async #readsZero(offset: number, length: number): Promise<boolean> {
    const zeros = this.#zeroPiece();
    const into = alignedMemory(PIECE);
    for (let at = offset; at < offset + length; at += PIECE) {
      const part = into.subarray(0, Math.min(PIECE, offset + length - at));
      if ((await this.#ports.device.read(part, at)) < part.length) return false;
      if (Buffer.compare(part, zeros.subarray(0, part.length)) !== 0) return false;
    }
    return true;
  }

  async #write(offset: number, end: number): Promise<void> {
    const zeros = this.#zeroPiece();
    for (let at = offset; at < end; at += AT_ONCE * PIECE) {
      this.#signal.throwIfAborted();
      const starts = Array.from({ length: AT_ONCE }, (_, i) => at + i * PIECE).filter((start) => start < end);
      await Promise.all(
        starts.map((start) => this.#ports.device.write(zeros.subarray(0, Math.min(PIECE, end - start)), start)),
      );
    }
  }

  #zeroPiece(): Uint8Array {
    this.#zeros ??= alignedMemory(PIECE);
    return this.#zeros;
  }
}

export function createHoles(ports: HolePorts, signal: AbortSignal, onFault: (error: unknown) => void): Holes {
  return new HoleFiller(ports, signal, onFault);
}
