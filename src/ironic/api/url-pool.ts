import { reasonOf } from '../../core/index.ts';
import { type ClientTls, type JsonResponse, ServerUnreachable } from '../../system/index.ts';
import type { IronicPorts } from '../ports.ts';
import { baseUrl } from '../urls.ts';
import { createBreaker } from './breaker.ts';

/** A server that answered the reachability probe, with the ends of the socket that did. */
export interface Reached {
  readonly url: string;
  readonly localAddress: string | null;
  readonly remoteAddress: string | null;
}

export interface Outgoing {
  readonly method: 'GET' | 'POST';
  /** With its query; follows the base URL. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/**
 * Several addresses of one API: each request goes to the first that answers, which then comes first (protocol 3). One
 * that was silent a moment ago is asked only when no other answers.
 */
export interface UrlPool {
  urls(): readonly string[];
  /** @throws ServerUnreachable when none answered; details name each */
  send(request: Outgoing, signal: AbortSignal): Promise<JsonResponse>;
  /** Every URL that answers anything, its certificate unchecked. */
  probe(headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<readonly Reached[]>;
}

export function createUrlPool(
  { http, clock, log }: Pick<IronicPorts, 'http' | 'clock' | 'log'>,
  settings: { readonly urls: readonly string[]; readonly timeoutMs: number; readonly tls: ClientTls },
): UrlPool {
  const { timeoutMs, tls } = settings;
  let urls: readonly string[] = settings.urls.map(baseUrl);
  const breaker = createBreaker(clock);
  const moveToFront = (url: string) => {
    const at = urls.indexOf(url);
    urls = [...urls.slice(at), ...urls.slice(0, at)];
  };
  const send = async ({ path, ...rest }: Outgoing, signal: AbortSignal): Promise<JsonResponse> => {
    const failures: string[] = [];
    for (const url of breaker.order(urls)) {
      try {
        const answer = await http.send({ url: `${url}${path}`, timeoutMs, tls, ...rest }, signal);
        breaker.succeeded(url);
        moveToFront(url);
        return answer;
      } catch (error) {
        if (!ServerUnreachable.is(error)) throw error;
        if (urls.length > 1) breaker.failed(url);
        failures.push(error.details);
        log.debug('ironic.url.failed', { url, why: error.details });
      }
    }
    throw ServerUnreachable(failures.length === 0 ? 'no API URL is configured' : failures.join('; '));
  };
  const reach = async (url: string, headers: Outgoing['headers'], signal: AbortSignal): Promise<Reached | null> => {
    const request = { method: 'GET', url, headers, timeoutMs, tls: { ...tls, insecure: true } } as const;
    try {
      const { localAddress, remoteAddress } = await http.send(request, signal);
      return { url, localAddress, remoteAddress };
    } catch (error) {
      signal.throwIfAborted();
      log.debug('ironic.probe.failed', { url, why: reasonOf(error) });
      return null;
    }
  };
  return {
    urls: () => urls,
    send,
    probe: async (headers, signal) => {
      const found = await Promise.all(urls.map((url) => reach(url, headers, signal)));
      return found.filter((reached) => reached !== null);
    },
  };
}
