import type { FastifyReply, FastifyRequest } from 'fastify';
import { boundedLog, type Clock, type Log } from '../../../core/index.ts';
import { type Metrics, unmapped } from '../../../runtime/index.ts';
import { splitUrl } from '../address.ts';
import type { App } from '../app.ts';

export interface RequestLogOptions {
  readonly log: Log;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly metrics: Pick<Metrics, 'answered'>;
}

/** More than a conductor ever causes; a scanner that knocks on the port shall not fill the log, which lives in memory. */
const BOUND = { lines: 60, perMs: 60_000 };
const MAX_PATH = 200;

const bytesOf = (value: number | string | string[] | undefined): number => Number(value ?? 0) || 0;

/** One request as a log line. The query, which carries the token, is left out. */
const fieldsOf = ({ raw, method }: FastifyRequest, reply: FastifyReply) => ({
  method,
  path: splitUrl(raw.url ?? '/').path.slice(0, MAX_PATH),
  status: reply.statusCode,
  from: unmapped(raw.socket.remoteAddress ?? '') || null,
  bytesIn: bytesOf(raw.headers['content-length']),
  bytesOut: bytesOf(reply.getHeader('content-length')),
  ms: Math.round(reply.elapsedTime),
});

/** Polling is what conductors do all the time: only what changes something, or goes wrong, is worth a line by default. */
const isPolling = (method: string, status: number) => /^(GET|HEAD|OPTIONS)$/.test(method) && status < 400;

/** One event and one measurement per answered request. */
export function installRequestLog(app: App, { log, clock, metrics }: RequestLogOptions): void {
  const bounded = boundedLog(log, clock, BOUND);
  app.addHook('onResponse', async (request, reply) => {
    const level = isPolling(request.method, reply.statusCode) ? 'debug' : 'info';
    bounded[level]('api.request', fieldsOf(request, reply));
    metrics.answered({
      method: request.method,
      route: request.routeOptions.url ?? null,
      status: reply.statusCode,
      ms: reply.elapsedTime,
    });
  });
}
