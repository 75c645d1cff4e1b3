import { MiB } from '../../core/index.ts';
import { createStreamThread, type StreamThread, sharedMemory } from '../../system/index.ts';
import { InvalidImage } from '../errors.ts';
import type { Compression } from '../format/index.ts';
import type { ImagePorts } from '../ports.ts';

const PIECE = MiB;
const NOTHING = new Uint8Array(0);

/** Bytes in order, as many as asked for; fewer only at the end. */
interface Incoming {
  fill(into: Uint8Array): Promise<number>;
}

/** What is inside a compressed download. A short count comes only when the whole download was one compressed image.
 * The memory to fill is shared memory. @throws InvalidImage */
export interface Unpacked extends Incoming {
  /** When it resolves, nothing touches the memory to fill any more. */
  close(): Promise<void>;
}

class UnpackedDownload implements Unpacked {
  readonly #download: Incoming;
  readonly #kind: Compression;
  readonly #decoder: Promise<StreamThread>;
  readonly #buffers = [sharedMemory(PIECE), sharedMemory(PIECE)];
  #turn = 0;
  /** Received and not decoded yet. */
  #piece: Uint8Array;
  /** Being received meanwhile. */
  #next: Promise<Uint8Array>;

  constructor(log: ImagePorts['log'], download: Incoming, kind: Compression, first: Uint8Array) {
    this.#download = download;
    this.#kind = kind;
    const onMissing = (reason: string) => log.warn('image.decode.thread-missing', { reason });
    this.#decoder = createStreamThread(kind, { onMissing });
    this.#piece = sharedMemory(first.length);
    this.#piece.set(first);
    this.#next = this.#receive();
  }

  async fill(into: Uint8Array): Promise<number> {
    const decoder = await this.#decoder;
    let done = 0;
    while (done < into.length) {
      if (this.#piece.length === 0) await this.#advance();
      const isLast = this.#piece.length === 0;
      const room = into.subarray(done);
      const step = await decoder.step(this.#piece, room, isLast);
      if ('fault' in step) throw this.#refuse(`it cannot be unpacked: ${step.fault}`);
      done += step.made;
      if (isLast && step.made < room.length) break;
      if (step.left > 0 && step.made < room.length) throw this.#refuse('other bytes follow its end');
      this.#piece = this.#piece.subarray(this.#piece.length - step.left);
    }
    return done;
  }

  async close(): Promise<void> {
    const decoder = await this.#decoder.catch(() => null);
    await decoder?.close();
  }

  #refuse(why: string) {
    return InvalidImage(`${this.#kind}-compressed image: ${why}`);
  }

  /** The next piece; an empty one at the end of the download. */
  async #advance(): Promise<void> {
    this.#piece = await this.#next;
    this.#next = this.#piece.length === 0 ? Promise.resolve(NOTHING) : this.#receive();
  }

  #receive(): Promise<Uint8Array> {
    const buffer = this.#buffers[this.#turn++ % 2] ?? NOTHING;
    const piece = this.#download.fill(buffer).then((count) => buffer.subarray(0, count));
    // Whoever comes for it hears of it.
    piece.catch(() => undefined);
    return piece;
  }
}

/** Undoes the compression of a download on the way. @param first what has been received already; copied */
export const unpack = (log: ImagePorts['log'], download: Incoming, kind: Compression, first: Uint8Array): Unpacked =>
  new UnpackedDownload(log, download, kind, first);
