import { createHash, type Hash } from 'node:crypto';
import { MiB } from '../../core/index.ts';
import type { Body, TransferSession } from '../../system/index.ts';
import { ImageDownloadFailed } from '../errors.ts';
import { type ImagePlan, withoutQuery } from '../plan/index.ts';
import type { ImagePorts } from '../ports.ts';
import { type Access, type Attempts, createAttempts, unwantedAnswer } from './attempts.ts';
import { openSession } from './session.ts';

/** A try that brought this much is not counted against the retries. */
const REAL_PROGRESS = 8 * MiB;
const SKIP_BYTES = MiB;

/** The bytes of an image in order, hashed on the way; broken connections are mended behind it. */
export interface Download {
  /** Length in bytes; null when the server does not announce it. */
  readonly total: () => number | null;
  readonly url: () => URL;
  readonly received: () => number;
  readonly retries: () => number;
  /** Fills `into`; a short count means the end of the image. */
  fill(into: Uint8Array): Promise<number>;
  /** Hexadecimal digest of everything delivered so far. */
  digest(): string;
  close(): void;
}

/** What a download needs to know of an image. */
export type Sought = Access & Pick<ImagePlan, 'urls'>;

/** Thrown when the server changed the image while it was being read: what is on the disk is worthless. */
export const isImageChanged = (error: unknown): boolean =>
  ImageDownloadFailed.is(error) && error.data.image_changed === true;

interface Position {
  readonly index: number;
  readonly total: number | null;
  /** Value for If-Range; only the server that gave it understands it. */
  readonly validator: string | null;
  /** False when offsets of the server's ranges are not ours: it codes what it sends. */
  readonly ranges: boolean;
}

class ResumingDownload implements Download {
  readonly #ports: ImagePorts;
  readonly #plan: Sought;
  readonly #session: TransferSession;
  readonly #attempts: Attempts;
  readonly #signal: AbortSignal;
  readonly #algorithm: string;
  readonly #hash: Hash;
  #body: Body | null = null;
  #position: Position | null = null;
  #url: URL;
  #next = 0;
  #received = 0;
  #atLastTry = 0;
  #closed = false;

  constructor(ports: ImagePorts, plan: Sought, session: TransferSession, algorithm: string, signal: AbortSignal) {
    this.#ports = ports;
    this.#plan = plan;
    this.#session = session;
    this.#attempts = createAttempts(ports, plan, signal);
    this.#signal = signal;
    this.#algorithm = algorithm;
    this.#hash = createHash(algorithm);
    this.#url = this.#urlAt(0);
  }

  total = () => this.#position?.total ?? null;
  url = () => this.#url;
  received = () => this.#received;
  retries = () => this.#attempts.retries();
  digest = () => this.#hash.copy().digest('hex');
  close = () => {
    this.#closed = true;
    this.#body?.close();
    this.#session.close();
  };

  async fill(into: Uint8Array): Promise<number> {
    let done = 0;
    while (done < into.length) {
      try {
        this.#body ??= await this.#connect();
        if (this.#closed) throw this.#givenUp();
        const part = into.subarray(done);
        const count = await this.#body.fill(part);
        if (count === 0) break;
        this.#hash.update(part.subarray(0, count));
        done += count;
        this.#received += count;
      } catch (error) {
        await this.#mend(error);
      }
    }
    return done;
  }

  async connect(): Promise<void> {
    while (this.#body === null) {
      try {
        this.#body = await this.#connect();
      } catch (error) {
        await this.#mend(error);
      }
    }
  }

  async #mend(error: unknown): Promise<void> {
    this.#body?.close();
    this.#body = null;
    if (this.#closed) throw error;
    if (this.#received - this.#atLastTry >= REAL_PROGRESS) this.#attempts.progressed();
    this.#atLastTry = this.#received;
    await this.#attempts.failed(error);
    if (this.#closed) throw this.#givenUp();
    this.#next += 1;
  }

  #urlAt(index: number): URL {
    const url = this.#plan.urls[index % this.#plan.urls.length];
    if (url === undefined) throw ImageDownloadFailed(`image ${this.#plan.id} has no address`);
    return url;
  }

  async #connect(): Promise<Body> {
    const index = this.#next % this.#plan.urls.length;
    const from = this.#received;
    const body = await this.#session.get(this.#urlAt(index), this.#rangeHeaders(index), this.#signal);
    const wanted = body.status === 200 || (body.status === 206 && from > 0);
    if (!wanted && !(body.status === 416 && from > 0))
      throw await unwantedAnswer(body, this.#plan.id, this.#ports.clock.now());
    if (from === 0) this.#position = { index, total: body.length, validator: validatorOf(body), ranges: !body.coded };
    else if (this.#isWhole(body, from)) return ended(body);
    else await this.#resume(body, from).catch((error: unknown) => closing(body, error));
    this.#url = body.url;
    this.#ports.log.info('image.download.connected', { url: withoutQuery(body.url), from, total: this.total() });
    return body;
  }

  #rangeHeaders(index: number): Readonly<Record<string, string>> {
    const { validator, index: origin, ranges } = this.#position ?? { validator: null, index: -1, ranges: true };
    if (this.#received === 0 || !ranges) return {};
    const condition = validator !== null && origin === index ? { 'If-Range': validator } : {};
    return { Range: `bytes=${this.#received}-`, ...condition };
  }

  /** The connection broke between the last byte and the sign that it was the last. */
  #isWhole(body: Body, from: number): boolean {
    const end = /^bytes \*\/(\d+)$/.exec(body.headers.get('content-range') ?? '')?.[1];
    return body.status === 416 && end === String(from) && (this.total() ?? from) === from;
  }

  async #resume(body: Body, from: number): Promise<void> {
    const total = this.total();
    if (body.status === 206) {
      const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(body.headers.get('content-range') ?? '');
      const sameTotal = total === null || range?.[2] === '*' || range?.[2] === String(total);
      if (range?.[1] === String(from) && sameTotal) return;
      throw this.#changed(body, 'its length or the range sent differs');
    }
    if (body.status === 416 || (total !== null && body.length !== null && body.length !== total))
      throw this.#changed(body, 'its length differs');
    if (body.coded && this.#position !== null) this.#position = { ...this.#position, ranges: false };
    await this.#skip(body, from);
  }

  /** The server starts over: read what we have once more and make sure that it is the same. */
  async #skip(body: Body, bytes: number): Promise<void> {
    this.#ports.log.warn('image.download.restarted', { image: this.#plan.id, skipBytes: bytes });
    const again = this.#hash.copy();
    const scratch = new Uint8Array(SKIP_BYTES);
    const fresh = createHash(this.#algorithm);
    for (let left = bytes; left > 0; ) {
      const count = await body.fill(scratch.subarray(0, left));
      if (count === 0) throw this.#changed(body, 'it has become shorter');
      fresh.update(scratch.subarray(0, count));
      left -= count;
    }
    if (fresh.digest('hex') !== again.digest('hex')) throw this.#changed(body, 'its first part differs');
  }

  /** Somebody may still wait for bytes when the image turns out to be damaged: no new connection for them. */
  #givenUp() {
    return ImageDownloadFailed(`Download of image ${this.#plan.id} was given up`);
  }

  #changed(body: Body, how: string) {
    body.close();
    return ImageDownloadFailed(
      `Download of image ${this.#plan.id} failed: the image at ${body.url.host} changed during the download: ${how}`,
      { data: { image_changed: true } },
    );
  }
}

/** Strong validators only: a weak tag does not promise equal bytes. */
function validatorOf(body: Body): string | null {
  const etag = body.headers.get('etag');
  if (etag !== undefined && !etag.startsWith('W/')) return etag;
  return body.headers.get('last-modified') ?? null;
}

function closing(body: Body, error: unknown): never {
  body.close();
  throw error;
}

/** Nothing more comes; what the answer says itself is of no interest. */
function ended(body: Body): Body {
  body.close();
  return { ...body, fill: () => Promise.resolve(0) };
}

/** Opens the image and waits for the first good answer, so that its length is known. */
export async function openDownload(
  ports: ImagePorts,
  plan: Sought,
  algorithm: string,
  signal: AbortSignal,
): Promise<Download> {
  const download = new ResumingDownload(ports, plan, await openSession(ports, plan), algorithm, signal);
  try {
    await download.connect();
    return download;
  } catch (error) {
    download.close();
    throw error;
  }
}
