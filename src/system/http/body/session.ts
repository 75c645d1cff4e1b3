import { trustSystemAuthorities } from '../../tls.ts';
import { type Body, bodyOf, readHead } from './body.ts';
import { basicOf, type ConnectOptions, connectWire, peerOf } from './connect.ts';
import { TransferFailed, TransferRefused } from './errors.ts';
import type { ResponseHead } from './head.ts';
import type { Wire } from './wire.ts';

const MAX_REDIRECTS = 30;
type Headers = Readonly<Record<string, string>>;

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

export interface TransferSettings extends Omit<ConnectOptions, 'proxy'> {
  /** The proxy for an address, asked again after each redirect. */
  readonly proxyFor: (url: URL) => URL | null;
  /** Value of the Authorization header for the first address; it is not carried to another origin. */
  readonly authorization: string | null;
}

/** GET requests one after the other, over one connection where the server allows. */
export interface TransferSession {
  /** @param headers extra ones, such as Range. @throws TransferFailed, TransferStalled, TransferRefused */
  get(url: URL, headers: Headers, signal: AbortSignal): Promise<Body>;
  close(): void;
}

interface Idle {
  readonly key: string;
  readonly wire: Wire;
}

const clean = (value: string) => {
  if (/[\r\n\0]/.test(value)) throw TransferRefused('a request header contains a line break');
  return value;
};

function requestText(url: URL, proxied: boolean, headers: Headers): string {
  const bare = new URL(url);
  [bare.username, bare.password, bare.hash] = ['', '', ''];
  const target = proxied ? bare.href : `${bare.pathname}${bare.search}`;
  const all = {
    Host: url.host,
    'User-Agent': 'ironic-node-agent',
    Accept: '*/*',
    'Accept-Encoding': 'identity',
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${clean(value)}\r\n`);
  return `GET ${target} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** Where a redirect leads, or null. Credentials stay at their origin. */
function redirectOf(head: ResponseHead, from: URL): URL | null {
  const location = head.headers.get('location');
  if (!REDIRECTS.has(head.status) || location === undefined) return null;
  if (!URL.canParse(location, from.href)) throw TransferRefused(`redirect to an unusable address from ${peerOf(from)}`);
  const to = new URL(location, from.href);
  if (to.protocol !== 'http:' && to.protocol !== 'https:') throw TransferRefused(`redirect to scheme ${to.protocol}`);
  return to;
}

/** Where answers come from: a kept connection that still works, else a new one. */
class Connections {
  readonly #settings: TransferSettings;
  #idle: Idle | null = null;
  #trusting = false;

  constructor(settings: TransferSettings) {
    this.#settings = settings;
  }

  async exchange(url: URL, headers: Headers, signal: AbortSignal) {
    const proxy = this.#settings.proxyFor(url);
    const key = `${url.origin} ${proxy?.href ?? ''}`;
    const plainProxy = url.protocol === 'http:' ? proxy : null;
    const credentials = plainProxy === null ? null : basicOf(plainProxy);
    const all = credentials === null ? headers : { ...headers, 'Proxy-Authorization': credentials };
    const text = requestText(url, plainProxy !== null, all);
    const kept = await this.#tryIdle(key, text, signal);
    if (kept !== null) return kept;
    const wire = await this.#connect(url, proxy, signal);
    wire.send(text);
    return { key, wire, head: await guarded(wire, signal, () => readHead(wire)) };
  }

  keep(idle: Idle): void {
    this.#idle = idle;
  }

  close(): void {
    this.#idle?.wire.close();
    this.#idle = null;
  }

  /** A server may close an idle connection at any time, so a failure here only means: connect anew. */
  async #tryIdle(key: string, text: string, signal: AbortSignal) {
    const idle = this.#idle;
    this.#idle = null;
    if (idle === null) return null;
    if (idle.key === key && idle.wire.isClean()) {
      idle.wire.send(text);
      const head = await guarded(idle.wire, signal, () => readHead(idle.wire)).catch(() => null);
      if (head !== null) return { key, wire: idle.wire, head };
      signal.throwIfAborted();
    }
    idle.wire.close();
    return null;
  }

  #connect(url: URL, proxy: URL | null, signal: AbortSignal): Promise<Wire> {
    const { tls } = this.#settings;
    if (url.protocol === 'https:' && tls.ca === null && !tls.insecure && !this.#trusting) {
      trustSystemAuthorities();
      this.#trusting = true;
    }
    return connectWire(url, { ...this.#settings, proxy }, signal);
  }
}

export function createTransferSession(settings: TransferSettings): TransferSession {
  const connections = new Connections(settings);

  async function get(first: URL, headers: Headers, signal: AbortSignal): Promise<Body> {
    let url = first;
    let authorization = settings.authorization ?? basicOf(first);
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const sent = authorization === null ? headers : { ...headers, Authorization: authorization };
      const { key, wire, head } = await connections.exchange(url, sent, signal);
      const next = closingOnFault(wire, () => redirectOf(head, url));
      if (next === null) return attach(url, head, { key, wire }, signal);
      wire.close();
      if (next.origin !== url.origin) authorization = basicOf(next);
      url = next;
    }
    throw TransferFailed(`more than ${MAX_REDIRECTS} redirects from ${peerOf(first)}`);
  }

  function attach(url: URL, head: ResponseHead, { key, wire }: Idle, signal: AbortSignal): Body {
    const onAbort = () => wire.close(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const stopWatching = () => signal.removeEventListener('abort', onAbort);
    const whenComplete = (reusable: boolean) => {
      stopWatching();
      if (reusable) connections.keep({ key, wire });
      else wire.close();
    };
    const body = closingOnFault(wire, () => bodyOf(url, head, wire, whenComplete), stopWatching);
    const close = (reason?: unknown) => {
      stopWatching();
      body.close(reason);
    };
    return { ...body, close };
  }
  return { get, close: () => connections.close() };
}

/** An answer that cannot be used ends the connection. */
function closingOnFault<T>(wire: Wire, work: () => T, alsoDo: () => void = () => undefined): T {
  try {
    return work();
  } catch (error) {
    alsoDo();
    wire.close(error);
    throw error;
  }
}

/** Runs `work` on the connection; an abort or a fault closes it. */
async function guarded<T>(wire: Wire, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const onAbort = () => wire.close(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    signal.throwIfAborted();
    return await work();
  } catch (error) {
    wire.close(error);
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
