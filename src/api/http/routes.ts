import { Readable } from 'node:stream';
import { type TSchema, Type } from 'typebox';
import { type DeclaredCommand, fits } from '../../core/index.ts';
import type { CommandRequest, Hub, Jobs, MetricsPage, RecentLines, WaitOptions } from '../../runtime/index.ts';
import {
  CommandDocument,
  CommandListDocument,
  RootDocument,
  rootDocument,
  StatusDocument,
  statusDocument,
  VersionDocument,
  versionDocument,
} from './documents.ts';
import { BadRequest } from './errors.ts';
import { followLog } from './observe/index.ts';
import { openApiDocument } from './openapi/index.ts';

export interface RoutePorts {
  readonly jobs: Jobs;
  readonly hub: Hub;
  /** Null: the operator did not ask for it. */
  readonly metricsPage: MetricsPage | null;
  readonly recentLog: RecentLines;
  /** What may be posted, for the API document. */
  readonly commands: readonly DeclaredCommand[];
}

/** What a handler may know of a request. */
export interface Call {
  /** Scheme and host as the client wrote them. */
  readonly base: string;
  readonly query: URLSearchParams;
  /** Last piece of the path. */
  readonly id: string;
  readonly body: unknown;
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
  /** Aborts when nobody reads the answer any more, or the API closes. */
  readonly over: AbortSignal;
}

/** One line of the route table (protocol.md 7.1): everything about a route is derived from here. */
export interface Route {
  /** In the API document. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** `:id` marks a parameter. All paths answer alike. */
  readonly paths: readonly string[];
  /**
   * `strict`: also for reading, whatever the policy. No conductor asks for such a path, so that a token given here does not
   * say that the conductor gives it on reading.
   */
  readonly token: boolean | 'strict';
  /** Absent unless this says so. */
  readonly when?: (ports: RoutePorts) => boolean;
  readonly doc: string;
  readonly query?: Readonly<Record<string, TSchema>>;
  readonly body?: TSchema;
  readonly response: TSchema;
  /** Of the answer, where it is not JSON. */
  readonly type?: (ports: RoutePorts) => string;
  readonly handle: (call: Call, ports: RoutePorts) => unknown;
}

export const CommandBody = Type.Object({ name: Type.String(), params: Type.Record(Type.String(), Type.Unknown()) });

const isTrue = (text: string | null): boolean => text?.toLowerCase() === 'true';

const MAX_WAIT_S = 86_400;

const waiting = {
  wait: Type.String({ description: '`true` in any case: answer when the command has ended.' }),
  wait_timeout: Type.Number({
    minimum: 0,
    maximum: MAX_WAIT_S,
    description: 'With `wait=true`: after so many seconds answer as it is then. Only for asynchronous commands.',
  }),
};

function waitOf(query: URLSearchParams): WaitOptions {
  const wait = isTrue(query.get('wait'));
  const limit = query.get('wait_timeout');
  if (limit === null) return { wait };
  const seconds = /^\d{1,5}(\.\d{1,3})?$/.test(limit) ? Number(limit) : Number.NaN;
  if (seconds <= MAX_WAIT_S) return { wait, atMostMs: seconds * 1000 };
  throw BadRequest(`wait_timeout must be a number of seconds from 0 to ${MAX_WAIT_S}`);
}

/** The body passed `CommandBody` before. */
const readRequest = (body: unknown): CommandRequest => {
  if (fits(CommandBody, body)) return body;
  throw BadRequest('Missing or invalid name or params');
};

const MAX_LINES = 10_000;
const DEFAULT_LINES = 200;

const logQuery = {
  lines: Type.Integer({
    minimum: 0,
    maximum: MAX_LINES,
    default: DEFAULT_LINES,
    description: 'How many of the newest lines.',
  }),
  follow: Type.String({ description: '`true` in any case: go on with each new line until the client leaves.' }),
};

function linesOf(query: URLSearchParams): number {
  const asked = query.get('lines');
  if (asked === null) return DEFAULT_LINES;
  const lines = /^\d{1,5}$/.test(asked) ? Number(asked) : Number.NaN;
  if (lines <= MAX_LINES) return lines;
  throw BadRequest(`lines must be a number from 0 to ${MAX_LINES}`);
}

const metricsPage = {
  method: 'GET',
  when: (ports: RoutePorts) => ports.metricsPage !== null,
  response: Type.String(),
  type: (ports: RoutePorts) => ports.metricsPage?.contentType ?? 'text/plain',
  handle: (_call: Call, ports: RoutePorts) => ports.metricsPage?.text(ports.hub.snapshot()),
} as const;

const OpenApi = Type.Object({ openapi: Type.String(), info: Type.Unknown(), paths: Type.Unknown() });

export const routes: readonly Route[] = [
  {
    name: 'getRoot',
    method: 'GET',
    paths: ['/'],
    token: false,
    doc: 'Name of the API and its versions.',
    response: RootDocument,
    handle: ({ base }) => rootDocument(base),
  },
  {
    name: 'getVersion',
    method: 'GET',
    paths: ['/v1/'],
    token: false,
    doc: 'Links of version 1.',
    response: VersionDocument,
    handle: ({ base }) => versionDocument(base),
  },
  {
    name: 'getStatus',
    method: 'GET',
    paths: ['/v1/status', '/status'],
    token: false,
    doc: 'Version, start time, and what the agent does now.',
    response: StatusDocument,
    handle: (_call, { hub }) => statusDocument(hub.snapshot()),
  },
  {
    name: 'getOpenApi',
    method: 'GET',
    paths: ['/v1/openapi.json'],
    token: false,
    doc: 'This document.',
    response: OpenApi,
    handle: (_call, { hub, commands }) => openApiDocument({ version: hub.snapshot().version, routes, commands }),
  },
  {
    name: 'listCommands',
    method: 'GET',
    paths: ['/v1/commands/', '/commands/'],
    token: true,
    doc: 'Executed commands, oldest first.',
    response: CommandListDocument,
    handle: (_call, { jobs }) => ({ commands: jobs.list() }),
  },
  {
    name: 'getCommand',
    method: 'GET',
    paths: ['/v1/commands/:id', '/commands/:id'],
    token: true,
    doc: 'One executed command; with `wait=true` when it has ended.',
    query: waiting,
    response: CommandDocument,
    handle: ({ id, query }, { jobs }) => jobs.find(id, waitOf(query)),
  },
  {
    name: 'cancelCommand',
    method: 'DELETE',
    paths: ['/v1/commands/:id', '/commands/:id'],
    token: true,
    doc: 'Ask a running asynchronous command to stop; it ends FAILED. A command that has ended stays as it is.',
    query: waiting,
    response: CommandDocument,
    handle: ({ id, query }, { jobs }) => jobs.stop(id, waitOf(query)),
  },
  {
    name: 'runCommand',
    method: 'POST',
    paths: ['/v1/commands/', '/commands/'],
    token: true,
    doc: 'Execute a command. An asynchronous one is answered at once, or, with `wait=true`, when it has ended.',
    query: waiting,
    body: CommandBody,
    response: CommandDocument,
    handle: ({ body, query, signal }, { jobs }) => jobs.submit(readRequest(body), waitOf(query), signal),
  },
  {
    name: 'getLog',
    method: 'GET',
    paths: ['/v1/logs'],
    token: 'strict',
    doc: 'The newest lines of the log of the agent itself, as far as its memory of 512 KiB reaches, without secrets.',
    query: logQuery,
    response: Type.String(),
    type: () => 'text/plain; charset=utf-8',
    handle: ({ query, over }, { recentLog }) =>
      isTrue(query.get('follow'))
        ? Readable.from(followLog(recentLog, linesOf(query), over))
        : recentLog.last(linesOf(query)).join(''),
  },
  {
    ...metricsPage,
    name: 'getMetrics',
    paths: ['/metrics'],
    token: false,
    doc: 'Measurements for Prometheus, where enabled.',
  },
  {
    ...metricsPage,
    name: 'getMetricsWithToken',
    paths: ['/v1/metrics'],
    token: 'strict',
    doc: 'The same for those who have the agent token.',
  },
];
