import { type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { tlsProtocolOptions } from '../../runtime/index.ts';
import { originForm } from './address.ts';
import { serializerCompiler, validatorCompiler } from './compilers.ts';
import { endWith } from './connections.ts';
import { BadRequest } from './errors.ts';
import { toFault } from './faults.ts';

const KEEP_ALIVE_MS = 10_000;
const HANDSHAKE_MS = 10_000;
/** For a request to arrive, body included, over the slowest provisioning network. */
const REQUEST_MS = 600_000;
/** The address line and the headers together; `requireHostHeader` would answer without a body. */
const parser = { maxHeaderSize: 64 * 1024, requireHostHeader: false };

/** Certificate and key as PEM text; versions and suites in the words of `node:tls`. */
export interface TlsSettings extends ReturnType<typeof tlsProtocolOptions> {
  readonly cert: string;
  readonly key: string;
  /** PEM text of the authorities of clients; null: clients need no certificate. */
  readonly clientAuthority: string | null;
}

/** Only the named authorities count: a certificate that the system store would trust is refused. */
const serverOptions = ({ clientAuthority: ca, ...tls }: TlsSettings) => ({
  ...tls,
  handshakeTimeout: HANDSHAKE_MS,
  ...(ca === null ? {} : { ca, requestCert: true, rejectUnauthorized: true }),
});

const faultText = (why: string): string => JSON.stringify(toFault(BadRequest(why), []));

const MALFORMED_URL = faultText('the URL of the request is malformed');

/** What node's parser refuses never becomes a request; the client still gets a fault that it can read. */
function refuseRaw(why: string): string {
  const body = faultText(why);
  const head = ['HTTP/1.1 400 Bad Request', 'Server: ironic-python-agent', 'Content-Type: application/json'];
  return [...head, `Content-Length: ${Buffer.byteLength(body)}`, 'Connection: close', '', body].join('\r\n');
}

/** A fastify server without routes that leans on nothing of fastify's defaults that would show on the wire. */
export function createApp(tls: TlsSettings | null) {
  const app = fastify({
    ...(tls === null ? { http: parser } : { https: { ...serverOptions(tls), ...parser, honorCipherOrder: true } }),
    logger: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: REQUEST_MS,
    // While draining, answers under way are worth more than a 503 that no conductor knows.
    return503OnClosing: false,
    rewriteUrl: ({ url }) => originForm(url ?? '/'),
    routerOptions: { maxParamLength: parser.maxHeaderSize },
    // Its own words would repeat the URL, which may be long and hold the token.
    frameworkErrors: (_error: Error, _request: FastifyRequest, reply: FastifyReply) => {
      reply.code(400).header('content-type', 'application/json').send(MALFORMED_URL);
    },
    clientErrorHandler: (error, socket) => endWith(socket, refuseRaw(`the HTTP request is malformed (${error.code})`)),
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  // An expectation that nobody knows is no reason to refuse the request, least of all without a fault in the body.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  return app;
}

export type App = ReturnType<typeof createApp>;
