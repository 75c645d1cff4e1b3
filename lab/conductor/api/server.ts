import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { fits, type Log, MiB, problemsOf, reasonOf } from '../../../src/core/index.ts';
import { fullNode } from '../documents.ts';
import type { Desk } from './desk.ts';
import { ApiFault, faultBody, invalid, notFound } from './faults.ts';
import { HeartbeatBody, heartbeat } from './heartbeat.ts';
import { continueAtInspector, continueInspection } from './inspection.ts';
import { lookup } from './lookup.ts';
import { discovery, negotiate, VERSION_HEADER, versionHeaders } from './versions.ts';

const Query = Type.Object({ addresses: Type.Optional(Type.String()), node_uuid: Type.Optional(Type.String()) });
const Ident = Type.Object({ ident: Type.String() });
/** Inspection data may carry logs. */
const BODY_LIMIT = 64 * MiB;

function statusOf(error: unknown): number {
  if (error instanceof ApiFault) return error.status;
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number') return error.statusCode;
  return 500;
}

const baseOf = (request: FastifyRequest) => `http://${request.host}`;

function queryOf(request: FastifyRequest) {
  if (fits(Query, request.query)) return request.query;
  throw invalid('a query parameter is given more than once');
}

function nodeOf(request: FastifyRequest, desk: Desk) {
  const node = fits(Ident, request.params) ? desk.store.byUuid(request.params.ident) : null;
  if (node === null) throw notFound();
  return node;
}

function addRoutes(app: FastifyInstance, desk: Desk): void {
  const max = desk.settings.maxVersion;
  const spoken = (request: FastifyRequest) => {
    const header = request.headers[VERSION_HEADER];
    return negotiate(Array.isArray(header) ? header[0] : header, max);
  };
  app.get('/', async (request) => discovery(baseOf(request), max));
  app.get('/v1', async (request) => discovery(baseOf(request), max).default_version);
  app.get('/v1/lookup', async (request) => lookup(queryOf(request), desk, baseOf(request), spoken(request)));
  app.post('/v1/heartbeat/:ident', async (request, reply) => {
    const { body, params } = request;
    if (!fits(HeartbeatBody, body)) throw invalid(`heartbeat: ${problemsOf(HeartbeatBody, body).join('; ')}`);
    heartbeat(fits(Ident, params) ? params.ident : '', body, desk, spoken(request));
    return reply.code(202).send();
  });
  app.post('/v1/continue_inspection', async (request, reply) => {
    const { node_uuid } = queryOf(request);
    const answer = continueInspection(request.body, desk, baseOf(request), spoken(request), node_uuid);
    return reply.code(202).send(answer);
  });
  app.post('/v1/continue', async (request) => continueAtInspector(request.body, desk));
  app.get('/v1/nodes', async () => ({ nodes: desk.store.all().map(fullNode) }));
  app.get('/v1/nodes/:ident', async (request) => fullNode(nodeOf(request, desk)));
  app.get('/v1/nodes/:ident/inventory', async (request) => nodeOf(request, desk).inventory ?? {});
}

/** The API that an agent sees: the answers of Ironic for the routes that an agent calls. Not listening yet. */
export function createApi(desk: Desk, log: Log): FastifyInstance {
  const app = fastify({ bodyLimit: BODY_LIMIT, routerOptions: { ignoreTrailingSlash: true } });
  const max = desk.settings.maxVersion;
  app.addHook('onSend', async (request, reply) => {
    const header = request.headers[VERSION_HEADER];
    const wanted = typeof header === 'string' ? header : undefined;
    reply.headers(reply.statusCode === 406 ? versionHeaders(max, max) : versionHeaders(max, negotiate(wanted, max)));
  });
  app.addHook('onResponse', async (request, reply) => {
    log.debug('conductor.request', {
      method: request.method,
      path: request.url.split('?')[0],
      status: reply.statusCode,
    });
  });
  app.setNotFoundHandler(async (_request, reply) => reply.code(404).send(faultBody(404, 'Not Found')));
  app.setErrorHandler(async (error, _request, reply) => {
    const status = statusOf(error);
    if (status >= 500) log.error('conductor.request.failed', { reason: reasonOf(error) });
    return reply.code(status).send(faultBody(status, reasonOf(error)));
  });
  addRoutes(app, desk);
  return app;
}
