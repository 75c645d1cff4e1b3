import { type AgentError, reasonOf, uniform } from '../../core/index.ts';
import { type Body, TransferFailed, TransferRefused, TransferStalled } from '../../system/index.ts';
import { ImageDownloadFailed, ImageDownloadFatal } from '../errors.ts';
import type { ImagePlan } from '../plan/index.ts';
import type { ImagePorts } from '../ports.ts';

const MAX_RETRY_AFTER_MS = 300_000;
const RETRYABLE_4XX = new Set([408, 425, 429]);
const EXCERPT_BYTES = 300;

export type Access = Pick<ImagePlan, 'id' | 'authorization' | 'proxyFor' | 'settings'>;

/** Retries of one download (imaging 2.1): counts the tries that brought nothing, waits between them. */
export interface Attempts {
  /** Waits before the next try. @throws the final error when there is none */
  failed(error: unknown): Promise<void>;
  /** Real progress was made: the count starts anew. */
  progressed(): void;
  /** All failed tries so far. */
  readonly retries: () => number;
}

export const downloadFailure = (id: string, reason: string, error: unknown): AgentError =>
  ImageDownloadFailed(`Download of image ${id} failed: ${reason}`, { cause: error });

function waitMs(error: AgentError, ports: ImagePorts, intervalMs: number): number {
  const asked = error.data.retryAfterMs;
  if (typeof asked === 'number') return Math.min(asked, MAX_RETRY_AFTER_MS);
  return uniform(ports.clock, 0.75 * intervalMs, 1.25 * intervalMs);
}

export function createAttempts(ports: ImagePorts, access: Access, signal: AbortSignal): Attempts {
  const { retries, retryIntervalMs } = access.settings;
  let inRow = 0;
  let all = 0;
  return {
    retries: () => all,
    progressed: () => {
      inRow = 0;
    },
    async failed(error) {
      signal.throwIfAborted();
      if (TransferRefused.is(error))
        throw ImageDownloadFatal(`Download of image ${access.id} failed: ${error.details}`, { cause: error });
      if (!TransferFailed.is(error) && !TransferStalled.is(error)) throw error;
      inRow += 1;
      all += 1;
      if (inRow > retries) throw downloadFailure(access.id, `${error.details}; gave up after ${inRow} tries`, error);
      const ms = waitMs(error, ports, retryIntervalMs);
      ports.log.warn('image.download.retry', { image: access.id, reason: reasonOf(error), try: inRow, waitMs: ms });
      await ports.clock.sleep(ms, signal);
    },
  };
}

function retryAfter(body: Body, now: number): { readonly retryAfterMs?: number } {
  const value = body.headers.get('retry-after');
  if (value === undefined) return {};
  if (/^\d+$/.test(value)) return { retryAfterMs: Number(value) * 1000 };
  const date = Date.parse(value);
  return Number.isNaN(date) ? {} : { retryAfterMs: Math.max(0, date - now) };
}

/** Turns an unwanted answer into an error: final for 4xx, worth another try for the rest. The body is shown in part. */
export async function unwantedAnswer(body: Body, id: string, now: number): Promise<AgentError> {
  const excerpt = new Uint8Array(EXCERPT_BYTES);
  const count = await body.fill(excerpt).catch(() => 0);
  body.close();
  const text = Buffer.from(excerpt.subarray(0, count))
    .toString('utf8')
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim();
  const said = text === '' ? '' : `, saying: ${text}`;
  const what = `${body.url.host} answered ${body.status} for ${body.url.pathname}${said}`;
  if (body.status < 500 && !RETRYABLE_4XX.has(body.status))
    return ImageDownloadFatal(`Download of image ${id} failed: ${what}`, { data: { http_status: body.status } });
  return TransferFailed(what, { data: { http_status: body.status, ...retryAfter(body, now) } });
}
