import { createGunzip, createZstdDecompress } from 'node:zlib';
import { KiB, MiB, reasonOf } from '../../core/index.ts';
import { InvalidImage } from '../errors.ts';
import type { Compression } from '../format/index.ts';

const PIECE = MiB;
const DECODED = 512 * KiB;

/** Bytes in order, as many as asked for; fewer only at the end. */
interface Incoming {
  fill(into: Uint8Array): Promise<number>;
}

/** What is inside a compressed download. */
export interface Unpacked extends Incoming {
  /** Sees that the whole download was one compressed image. @throws InvalidImage when something follows it */
  finish(): Promise<void>;
  close(): void;
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : '');
const isDamage = (error: unknown) => /^(Z_|ZSTD_)/.test(codeOf(error));

class UnpackedDownload implements Unpacked {
  readonly #download: Incoming;
  readonly #kind: Compression;
  readonly #decoder;
  readonly #decoded: AsyncIterator<Uint8Array>;
  readonly #feeding: Promise<void>;
  #rest: Uint8Array = new Uint8Array(0);
  #fed = 0;

  constructor(download: Incoming, kind: Compression, first: Uint8Array) {
    this.#download = download;
    this.#kind = kind;
    this.#decoder =
      kind === 'gzip' ? createGunzip({ chunkSize: DECODED }) : createZstdDecompress({ chunkSize: DECODED });
    this.#decoded = this.#decoder[Symbol.asyncIterator]();
    this.#feeding = this.#feed(first);
  }

  async fill(into: Uint8Array): Promise<number> {
    let done = 0;
    while (done < into.length) {
      if (this.#rest.length === 0) {
        const next = await this.#decoded.next().catch((error: unknown) => {
          throw isDamage(error) ? this.#refuse(`it cannot be unpacked: ${reasonOf(error)}`, error) : error;
        });
        if (next.done === true) break;
        this.#rest = next.value;
      }
      const part = this.#rest.subarray(0, into.length - done);
      into.set(part, done);
      done += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return done;
  }

  async finish(): Promise<void> {
    await this.#feeding;
    const left = this.#fed - this.#decoder.bytesWritten;
    if (left > 0 || (await this.#download.fill(new Uint8Array(PIECE))) > 0)
      throw this.#refuse('other bytes follow its end');
  }

  close(): void {
    this.#decoder.destroy();
  }

  #refuse(why: string, cause?: unknown) {
    return InvalidImage(`${this.#kind}-compressed image: ${why}`, { cause });
  }

  /** The next piece is received while the one before is decoded. */
  async #feed(first: Uint8Array): Promise<void> {
    const pieces = [new Uint8Array(PIECE), new Uint8Array(PIECE)];
    let decoding = this.#put(first);
    try {
      for (let turn = 0; ; turn++) {
        const piece = pieces[turn % 2] ?? new Uint8Array(PIECE);
        const count = await this.#download.fill(piece);
        await decoding;
        if (count === 0) break;
        decoding = this.#put(piece.subarray(0, count));
      }
      this.#decoder.end();
    } catch (error) {
      // A decoder that has found the end takes no more; one that failed has told so itself.
      await decoding.catch(() => undefined);
      this.#decoder.destroy(error instanceof Error && !/^ERR_STREAM/.test(codeOf(error)) ? error : undefined);
    }
  }

  #put(piece: Uint8Array): Promise<void> {
    this.#fed += piece.length;
    const done = new Promise<void>((resolve, reject) => {
      this.#decoder.write(piece, (error) => (error ? reject(error) : resolve()));
    });
    done.catch(() => undefined);
    return done;
  }
}

/** Undoes the compression of a download on the way. @param first what has been received already, kept by this */
export const unpack = (download: Incoming, kind: Compression, first: Uint8Array): Unpacked =>
  new UnpackedDownload(download, kind, first);
