import { KiB, MiB } from '../../core/index.ts';
import { type Body, TransferFailed, type TransferSession } from '../../system/index.ts';
import { ImageDownloadFailed } from '../errors.ts';
import type { ImagePlan } from '../plan/index.ts';
import type { ImagePorts } from '../ports.ts';
import { type Attempts, createAttempts, unwantedAnswer } from './attempts.ts';
import { openSession } from './session.ts';

/** Ranges closer than this are fetched with one request. */
const BRIDGE = 128 * KiB;
const MAX_REQUEST = 8 * MiB;
const SKIP = 256 * KiB;

export interface Range {
  readonly offset: number;
  readonly length: number;
}

export interface RangeSource {
  /** @param ranges in the order of the file, without overlaps. Each is delivered once, in this order */
  read(ranges: readonly Range[], deliver: (bytes: Uint8Array, index: number) => void): Promise<void>;
  close(): void;
}

/** The first ranges that one request can bring. */
function together(ranges: readonly Range[], from: number): number {
  const start = ranges[from]?.offset ?? 0;
  let end = from + 1;
  for (let next = ranges[end]; next !== undefined; next = ranges[end]) {
    const before = ranges[end - 1] ?? next;
    const near = next.offset - (before.offset + before.length) <= BRIDGE;
    if (!near || next.offset + next.length - start > MAX_REQUEST) break;
    end += 1;
  }
  return end;
}

async function readFully(body: Body, into: Uint8Array): Promise<void> {
  for (let filled = 0; filled < into.length; ) {
    const count = await body.fill(into.subarray(filled));
    if (count === 0) throw TransferFailed('the image ends before one of its tables');
    filled += count;
  }
}

async function skip(body: Body, bytes: number): Promise<void> {
  const scratch = new Uint8Array(SKIP);
  for (let left = bytes; left > 0; left -= Math.min(left, SKIP))
    await readFully(body, scratch.subarray(0, Math.min(left, SKIP)));
}

class HttpRanges implements RangeSource {
  readonly #ports: ImagePorts;
  readonly #plan: ImagePlan;
  readonly #url: URL;
  readonly #session: TransferSession;
  readonly #attempts: Attempts;
  readonly #signal: AbortSignal;

  constructor(ports: ImagePorts, plan: ImagePlan, url: URL, session: TransferSession, signal: AbortSignal) {
    this.#ports = ports;
    this.#plan = plan;
    this.#url = url;
    this.#session = session;
    this.#attempts = createAttempts(ports, plan, signal);
    this.#signal = signal;
  }

  async read(ranges: readonly Range[], deliver: (bytes: Uint8Array, index: number) => void): Promise<void> {
    for (let next = 0; next < ranges.length; ) {
      let body: Body | null = null;
      try {
        const end = together(ranges, next);
        const opened = await this.#open(ranges, next, end);
        body = opened.body;
        // A server without ranges sends all from the start: then one answer serves all that is left.
        const stop = opened.at === 0 ? ranges.length : end;
        for (let position = opened.at; next < stop; next++)
          position = await this.#one(body, ranges, next, position, deliver);
        if (opened.at === 0) body.close();
        this.#attempts.progressed();
      } catch (error) {
        body?.close();
        await this.#attempts.failed(error);
      }
    }
  }

  close(): void {
    this.#session.close();
  }

  async #one(
    body: Body,
    ranges: readonly Range[],
    index: number,
    position: number,
    deliver: (bytes: Uint8Array, index: number) => void,
  ): Promise<number> {
    const range = ranges[index];
    if (range === undefined) return position;
    await skip(body, range.offset - position);
    const bytes = new Uint8Array(range.length);
    await readFully(body, bytes);
    deliver(bytes, index);
    return range.offset + range.length;
  }

  async #open(ranges: readonly Range[], from: number, end: number): Promise<{ body: Body; at: number }> {
    const start = ranges[from]?.offset ?? 0;
    const last = ranges[end - 1] ?? { offset: start, length: 1 };
    const header = { Range: `bytes=${start}-${last.offset + last.length - 1}` };
    const body = await this.#session.get(this.#url, header, this.#signal);
    if (body.status === 200) return { body, at: 0 };
    if (body.status !== 206) throw await unwantedAnswer(body, this.#plan.id, this.#ports.clock.now());
    const found = /^bytes (\d+)-/.exec(body.headers.get('content-range') ?? '');
    if (found?.[1] === String(start)) return { body, at: start };
    body.close();
    throw ImageDownloadFailed(
      `Download of image ${this.#plan.id} failed: ${this.#url.host} sent another range than asked`,
    );
  }
}

/** Random access to an image on a server, for its tables; without range support it reads on from the start.
 * @param url where the image was found, after redirects; credentials go only to the origin they were meant for */
export async function openRanges(
  ports: ImagePorts,
  plan: ImagePlan,
  url: URL,
  signal: AbortSignal,
): Promise<RangeSource> {
  const isHome = plan.urls.some((known) => known.origin === url.origin);
  const access = { ...plan, authorization: isHome ? plan.authorization : null };
  return new HttpRanges(ports, access, url, await openSession(ports, access), signal);
}
