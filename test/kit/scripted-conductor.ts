import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { text } from 'node:stream/consumers';

/** What the agent calls. */
export type ConductorRoute = 'root' | 'lookup' | 'heartbeat' | 'inspection';

/** `cut` closes the socket instead of an answer; `hang` never answers. */
export type ScriptedReply =
  | {
      readonly status: number;
      readonly json?: unknown;
      readonly text?: string;
      readonly headers?: Record<string, string>;
    }
  | 'cut'
  | 'hang';

export interface SeenRequest {
  readonly route: ConductorRoute | null;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
  /** Monotonic milliseconds at which it had arrived. */
  readonly at: number;
}

export interface ScriptedConductor {
  readonly url: string;
  readonly port: number;
  /** These replies in turn; the last one stays. */
  script(route: ConductorRoute, ...replies: readonly ScriptedReply[]): void;
  seen(route?: ConductorRoute): readonly SeenRequest[];
  /** Resolves with the `count`-th request (from 1) to the route, which may have come already. */
  nth(route: ConductorRoute, count: number): Promise<SeenRequest>;
  close(): Promise<void>;
}

export interface ConductorOptions {
  /** API version of the root document; default 1.82. */
  readonly version?: string;
  /** Serve HTTPS with these PEM texts. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Default: a free one. */
  readonly port?: number;
  readonly host?: string;
}

export const TOKEN = 'scripted-conductor-token-0123456789-abcdefg';
export const NODE_UUID = '5b3e0c1e-3f0e-4b9c-9d0f-0d6d4f3f2a11';

export const lookupDocument = (config: Readonly<Record<string, unknown>> = {}) => ({
  node: { uuid: NODE_UUID, properties: {}, instance_info: {}, driver_internal_info: {}, links: [] },
  config: { heartbeat_timeout: 300, agent_token: TOKEN, agent_token_required: true, ...config },
});

/** The body of Ironic's errors. */
export const fault = (status: number, faultstring: string): ScriptedReply => ({
  status,
  json: { error_message: JSON.stringify({ faultcode: 'Client', faultstring, debuginfo: null }) },
});

const routeOf = (method: string, path: string): ConductorRoute | null => {
  if (method === 'GET' && path === '/') return 'root';
  if (method === 'GET' && path === '/v1/lookup') return 'lookup';
  if (method === 'POST' && path.startsWith('/v1/heartbeat/')) return 'heartbeat';
  return method === 'POST' && /^\/v1\/continue(_inspection)?$/.test(path) ? 'inspection' : null;
};

function answer(reply: ScriptedReply, response: ServerResponse): void {
  if (reply === 'hang') return;
  if (reply === 'cut') return void response.socket?.destroy();
  const body = reply.text ?? (reply.json === undefined ? '' : JSON.stringify(reply.json));
  response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers }).end(body);
}

async function read(request: IncomingMessage): Promise<SeenRequest> {
  const url = new URL(request.url ?? '/', 'http://conductor');
  const method = request.method ?? '';
  const raw = await text(request);
  const body: unknown = raw === '' ? undefined : JSON.parse(raw);
  const { pathname: path, searchParams: query } = url;
  const at = performance.now();
  return { route: routeOf(method, path), method, path, query, headers: request.headers, body, at };
}

/** A conductor on the loopback device that answers what it is told to and remembers what it was asked. */
export async function startConductor(options: ConductorOptions = {}): Promise<ScriptedConductor> {
  const scripts = new Map<ConductorRoute, ScriptedReply[]>([
    [
      'root',
      [
        {
          status: 200,
          json: { name: 'OpenStack Ironic API', default_version: { version: options.version ?? '1.82' } },
        },
      ],
    ],
    ['lookup', [{ status: 200, json: lookupDocument() }]],
    ['heartbeat', [{ status: 202 }]],
    ['inspection', [{ status: 200, json: { uuid: NODE_UUID } }]],
  ]);
  const seen: SeenRequest[] = [];
  const watchers = new Set<() => void>();
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const what = await read(request);
    seen.push(what);
    const script = what.route === null ? undefined : scripts.get(what.route);
    const reply = (script !== undefined && script.length > 1 ? script.shift() : script?.[0]) ?? { status: 404 };
    answer(reply, response);
    for (const watcher of [...watchers]) watcher();
  };
  const listener = (request: IncomingMessage, response: ServerResponse) => void serve(request, response);
  const server = options.tls === undefined ? createHttpServer(listener) : createHttpsServer(options.tls, listener);
  const host = options.host ?? '127.0.0.1';
  await once(server.listen(options.port ?? 0, host), 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const of = (route?: ConductorRoute) => seen.filter((one) => route === undefined || one.route === route);
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://${host}:${port}`,
    port,
    script: (route, ...replies) => void scripts.set(route, [...replies]),
    seen: of,
    nth: async (route, count) => {
      for (;;) {
        const found = of(route)[count - 1];
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => {
          const watcher = () => {
            watchers.delete(watcher);
            resolve();
          };
          watchers.add(watcher);
        });
      }
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** An address on which nothing listens. */
export async function deadUrl(): Promise<string> {
  const conductor = await startConductor();
  await conductor.close();
  return conductor.url;
}
