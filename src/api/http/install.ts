import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AgentError, Secrets } from '../../core/index.ts';
import { OPERATOR, type TokenGate } from '../../runtime/index.ts';
import { baseUrl, redirectPage, splitUrl } from './address.ts';
import type { App } from './app.ts';
import { readJson } from './body/index.ts';
import { BadRequest, BodyTooLarge, PathNotFound } from './errors.ts';
import { asAgentError, toFault } from './faults.ts';
import { admit, assertToken } from './gatekeeper.ts';
import { installRequestLog, type RequestLogOptions } from './observe/index.ts';
import { type Call, type Route, type RoutePorts, routes } from './routes.ts';

export interface InstallOptions extends RoutePorts, RequestLogOptions {
  readonly scheme: 'http' | 'https';
  readonly gate: TokenGate;
  readonly secrets: Secrets;
  /** Gives back memory that is not used any more. */
  readonly relieve: () => void;
}

const JSON_TYPE = 'application/json';

const baseOf = ({ raw }: FastifyRequest, scheme: 'http' | 'https'): string => {
  const { localAddress = 'localhost', localPort = 0 } = raw.socket;
  return baseUrl(
    scheme,
    raw.headers.host,
    `${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`,
  );
};

/** Decides before the body is read: a stranger must not make the agent parse anything. */
function installGate(app: App, offered: readonly Route[], { gate, scheme }: InstallOptions): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('server', 'ironic-python-agent');
    // Whatever a client calls its body, it is read as JSON.
    request.raw.headers['content-type'] = JSON_TYPE;
    const { path, query } = splitUrl(request.raw.url ?? '/');
    const admission = admit(offered, request.method, path);
    if (admission.kind === 'serve') {
      const { route } = admission;
      // What is open to everybody says nothing of the conductor, so the gate is not asked.
      if (route.token === false) return;
      const token = new URLSearchParams(query).get('agent_token');
      assertToken(gate.allows(route.token === 'strict' ? OPERATOR : request.method, token));
      return;
    }
    if (admission.kind === 'options') return reply.header('allow', admission.allow).code(200).send();
    const location = `${baseOf(request, scheme)}${admission.path}${query === '' ? '' : `?${query}`}`;
    return reply
      .code(308)
      .header('location', location)
      .header('content-type', 'text/html')
      .send(redirectPage(location));
  });
}

function installBodies(app: App, { relieve }: InstallOptions): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', async (request: FastifyRequest, stream: FastifyRequest['raw']) => {
    if (request.method !== 'POST') return void stream.resume();
    const announced = Number(stream.headers['content-length'] ?? Number.NaN);
    const body = await readJson({ announcedBytes: Number.isNaN(announced) ? null : announced, stream });
    // What was read in pieces is there twice until now.
    relieve();
    return body;
  });
}

const isValidation = (error: unknown): boolean => error instanceof Error && 'validationContext' in error;

const understood = (error: unknown): AgentError =>
  isValidation(error) ? BadRequest('Missing or invalid name or params') : asAgentError(error);

function installFaults(app: App, { log, secrets }: InstallOptions): void {
  app.setErrorHandler((error, request, reply) => {
    const known = understood(error);
    // Whoever left gets no answer; what came of the request is no fault of ours.
    if (reply.raw.destroyed) log.info('api.client.gone', { method: request.method, reason: known.details });
    else if (known.spec.status >= 500) log.error('api.fault', { method: request.method, reason: known.details });
    if (typeof known.data.allow === 'string') reply.header('allow', known.data.allow);
    // Fastify would cut the connection under a client that is still sending; the rest is read and dropped instead.
    if (BodyTooLarge.is(known)) reply.removeHeader('connection');
    return reply.code(known.spec.status).type(JSON_TYPE).send(toFault(known, secrets.values()));
  });
}

function installHeaders(app: App, closing: AbortSignal): void {
  app.addHook('onSend', async (_request, reply, payload) => {
    const type = reply.getHeader('content-type');
    if (typeof type === 'string' && type.startsWith(JSON_TYPE)) reply.header('content-type', JSON_TYPE);
    // An idle connection would hold up the end of the API.
    // So would one whose endless answer ends only then.
    if (closing.aborted || payload instanceof Readable) reply.header('connection', 'close');
    return payload;
  });
}

/** Aborts when the API begins to close. */
function closingOf(app: App): AbortSignal {
  const closing = new AbortController();
  app.addHook('preClose', async () => closing.abort());
  return closing.signal;
}

interface Around {
  readonly scheme: 'http' | 'https';
  readonly closing: AbortSignal;
}

function callOf(request: FastifyRequest, reply: FastifyReply, { scheme, closing }: Around): Call {
  const gone = new AbortController();
  const over = new AbortController();
  reply.raw.on('close', () => {
    over.abort();
    if (!reply.raw.writableFinished) gone.abort(new Error('the client closed the connection'));
  });
  const { path, query } = splitUrl(request.raw.url ?? '/');
  return {
    base: baseOf(request, scheme),
    query: new URLSearchParams(query),
    id: path.slice(path.lastIndexOf('/') + 1),
    body: request.body,
    signal: gone.signal,
    over: AbortSignal.any([over.signal, closing]),
  };
}

export function installRoutes(app: App, options: InstallOptions): void {
  const offered = routes.filter(({ when }) => when?.(options) !== false);
  installGate(app, offered, options);
  installBodies(app, options);
  installFaults(app, options);
  const closing = closingOf(app);
  installHeaders(app, closing);
  installRequestLog(app, options);
  app.setNotFoundHandler(() => {
    throw PathNotFound('The agent API has no such path.');
  });
  for (const route of offered) {
    for (const url of route.paths) {
      app.route({
        method: route.method,
        url,
        schema: { ...(route.body === undefined ? {} : { body: route.body }), response: { 200: route.response } },
        handler: async (request, reply) => {
          if (route.type !== undefined) reply.type(route.type(options));
          return route.handle(callOf(request, reply, { scheme: options.scheme, closing }), options);
        },
      });
    }
  }
}
