import { type Clock, type Log, reasonOf } from '../../core/index.ts';
import type { JsonHttp, JsonRequest } from './json.ts';

/** A finished exchange with a server of the control plane. */
export interface Exchange {
  readonly method: JsonRequest['method'];
  /** Scheme, host and path; without credentials and query. */
  readonly url: string;
  readonly path: string;
  /** Null when there was no HTTP answer. */
  readonly status: number | null;
  readonly ms: number;
  /** Why there was no answer, else null. */
  readonly why: string | null;
}

function withoutSecrets(url: string): Pick<Exchange, 'url' | 'path'> {
  if (!URL.canParse(url)) return { url: '?', path: '?' };
  const { origin, pathname } = new URL(url);
  return { url: `${origin}${pathname}`, path: pathname };
}

/** Tells of every exchange when it is over; one that was aborted was nobody's failure and is not told. */
export function observedHttp(
  http: JsonHttp,
  clock: Pick<Clock, 'monotonic'>,
  tell: (exchange: Exchange) => void,
): JsonHttp {
  return {
    async send(request, signal) {
      const began = clock.monotonic();
      const told = (status: number | null, why: string | null) =>
        tell({
          method: request.method,
          ...withoutSecrets(request.url),
          status,
          ms: Math.round(clock.monotonic() - began),
          why,
        });
      try {
        const answer = await http.send(request, signal);
        told(answer.status, null);
        return answer;
      } catch (error) {
        if (!signal.aborted) told(null, reasonOf(error));
        throw error;
      }
    },
  };
}

/** One debug event per request; those who asked say at their own level what a failure means. */
export const loggedHttp = (http: JsonHttp, clock: Pick<Clock, 'monotonic'>, log: Log): JsonHttp =>
  observedHttp(http, clock, ({ method, url, status, ms, why }) => {
    log.debug('http.request', { method, url, status, ms, ...(why === null ? {} : { why }) });
  });
