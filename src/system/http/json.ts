import { redactText, timerMs } from '../../core/index.ts';
import type { Files } from '../files.ts';
import { unmapped } from '../net.ts';
import { type TlsProtocol, tlsProtocolOptions, trustSystemAuthorities } from '../tls.ts';
import { type AgentsFor, createAgents } from './agents.ts';
import { unreachable } from './fault.ts';
import type { ProxyEnvironment } from './proxy.ts';

/** How a server is trusted and this machine shows itself; paths of PEM files or null. */
export interface ClientTls extends TlsProtocol {
  /** Authority to trust instead of the ramdisk's own store. */
  readonly cafile: string | null;
  /** Both or none. */
  readonly certfile: string | null;
  readonly keyfile: string | null;
  readonly insecure: boolean;
}

export interface JsonRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON when present. */
  readonly body?: unknown;
  /** For connecting and for each silence; the whole exchange gets four times as long. */
  readonly timeoutMs: number;
  readonly tls: ClientTls;
}

export interface JsonResponse {
  readonly status: number;
  readonly text: string;
  /** Undefined when the body is not JSON. */
  readonly json: unknown;
  /** Ends of the very socket that carried the answer; null when unknown. */
  readonly localAddress: string | null;
  readonly remoteAddress: string | null;
  /** The server's clock (`Date` header), milliseconds since the epoch; null when absent or unreadable. */
  readonly date: number | null;
}

/** Small JSON documents to and from the control plane. Any HTTP status is an answer, not a failure. */
export interface JsonHttp {
  /** @throws ServerUnreachable when there is no HTTP answer at all; the signal's reason when aborted */
  send(request: JsonRequest, signal: AbortSignal): Promise<JsonResponse>;
}

const MAX_BYTES = 16 * 1024 * 1024;

const parseOrUndefined = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const isEncrypted = (url: string) => /^https:/i.test(url);

async function tlsOptions(files: Pick<Files, 'text'>, tls: ClientTls) {
  const pair =
    tls.certfile === null || tls.keyfile === null
      ? {}
      : { certificate: await files.text(tls.certfile), key: await files.text(tls.keyfile) };
  const authority = tls.cafile === null || tls.insecure ? {} : { certificateAuthority: await files.text(tls.cafile) };
  return { ...tlsProtocolOptions(tls), ...pair, ...authority, rejectUnauthorized: !tls.insecure };
}

/** A plain URL may lead to an encrypted one; files that cannot be read matter only then. */
const tlsFor = ({ url, tls }: JsonRequest, files: Pick<Files, 'text'>) => {
  const options = tlsOptions(files, tls);
  return isEncrypted(url) ? options : options.catch(() => undefined);
};

/** A POST carries the token: it may follow a redirect on its own host only, and never out of TLS. */
function refuseLeak(from: URL, to: URL | string | undefined): void {
  const target = new URL(to ?? from);
  const leaves = target.hostname !== from.hostname || (from.protocol === 'https:' && target.protocol !== 'https:');
  if (leaves) throw new Error(`refused to follow a redirect to ${target.origin}`);
}

function limits(timeoutMs: number) {
  const each = timerMs(timeoutMs);
  return { lookup: each, connect: each, secureConnect: each, socket: each, request: timerMs(4 * each) };
}

/** got costs start time and memory, so it is loaded at the first request. */
const loadGot = () => import('got');

/** RFC 9110 5.6.7. */
const dateOf = (header: string | undefined): number | null => {
  const at = Date.parse(header ?? '');
  return Number.isNaN(at) ? null : at;
};

const addressOf = (address: string | undefined) => (address === undefined ? null : unmapped(address));

type Ends = Pick<JsonResponse, 'localAddress' | 'remoteAddress'>;

/** One exchange through got; rejects with got's errors. */
async function exchange(
  request: JsonRequest,
  https: Awaited<ReturnType<typeof tlsOptions>> | undefined,
  agents: AgentsFor,
  signal: AbortSignal,
): Promise<JsonResponse> {
  const { default: got } = await loadGot();
  const url = new URL(request.url);
  const tooMuch = new AbortController();
  let ends: Ends = { localAddress: null, remoteAddress: null };
  const running = got(url, {
    method: request.method,
    headers: { 'User-Agent': 'ironic-node-agent', ...request.headers },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    agent: agents(url),
    ...(https === undefined ? {} : { https }),
    timeout: limits(request.timeoutMs),
    retry: { limit: 0 },
    throwHttpErrors: false,
    methodRewriting: false,
    hooks: {
      beforeRedirect: [
        (next) => {
          if (request.method === 'POST') refuseLeak(url, next.url);
          next.agent = agents(new URL(next.url ?? url));
        },
      ],
    },
    signal: AbortSignal.any([signal, tooMuch.signal]),
  });
  // The answer that got hands out has lost its socket by then.
  void running.on('request', (sent) =>
    sent.once('response', ({ socket }) => {
      ends = { localAddress: addressOf(socket.localAddress), remoteAddress: addressOf(socket.remoteAddress) };
    }),
  );
  void running.on('downloadProgress', ({ transferred }) => {
    if (transferred > MAX_BYTES) tooMuch.abort(new Error(`the answer is longer than ${MAX_BYTES} bytes`));
  });
  const answer = await running.catch((error: unknown) => {
    throw tooMuch.signal.aborted ? tooMuch.signal.reason : error;
  });
  const { statusCode: status, body: text } = answer;
  return { status, text, json: parseOrUndefined(text), date: dateOf(answer.headers.date), ...ends };
}

/** The server closed an idle connection while the request was on its way, which says nothing about the server. */
async function metClosedConnection(error: unknown): Promise<boolean> {
  const { RequestError } = await loadGot();
  return error instanceof RequestError && error.code === 'ECONNRESET' && error.request?.reusedSocket === true;
}

const place = ({ method, url }: JsonRequest) => `${method} ${redactText(url.replace(/\?.*$/, ''))}`;

export function createJsonHttp(files: Pick<Files, 'text'>, proxies: ProxyEnvironment = {}): JsonHttp {
  const pool = createAgents(proxies, true);
  let trusting = false;
  const trust = ({ url, tls }: JsonRequest) => {
    if (trusting || tls.insecure || tls.cafile !== null || !isEncrypted(url)) return;
    trustSystemAuthorities();
    trusting = true;
  };
  return {
    async send(request, signal) {
      signal.throwIfAborted();
      trust(request);
      try {
        const https = await tlsFor(request, files);
        return await exchange(request, https, pool, signal).catch(async (error: unknown) => {
          if (signal.aborted || !(await metClosedConnection(error))) throw error;
          return exchange(request, https, createAgents(proxies, false), signal);
        });
      } catch (error) {
        signal.throwIfAborted();
        throw unreachable(error, place(request), request.timeoutMs);
      }
    },
  };
}
