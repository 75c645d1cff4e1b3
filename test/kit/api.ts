import { Type } from 'typebox';
import { type ApiServer, startApi, type TlsSettings } from '../../src/api/index.ts';
import { type Command, createSecrets, defineCommand, type Run, type Secrets } from '../../src/core/index.ts';
import {
  createHub,
  createJobs,
  type Hub,
  type Jobs,
  type JobsOptions,
  noMetrics,
  type Prometheus,
  type TokenGate,
} from '../../src/runtime/index.ts';
import { createLog, recentLines, systemClock } from '../../src/system/index.ts';
import { type Document, readDocument } from './document.ts';

export const TEST_TOKEN = 'test-token-0123456789-0123456789-abcdef';

/** Lets a test hold a command until it says go. */
export interface Latch {
  readonly opened: Promise<void>;
  open(): void;
}
export function createLatch(): Latch {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

export interface SmallPorts {
  /** Commands of the test wait here. */
  readonly latch: Latch;
  readonly ran: string[];
}

interface SmallFacts {
  readonly kind: 'sync' | 'async';
  readonly whileBusy?: boolean;
}

/** A real command with no other effect than what `run` does. */
export const small = (
  name: string,
  { kind, whileBusy = false }: SmallFacts,
  run: (params: Readonly<Record<string, unknown>>, run: Run<SmallPorts>) => Promise<unknown>,
): Command<SmallPorts> =>
  defineCommand({
    name: `test.${name}`,
    kind,
    whileBusy,
    doc: 'For tests.',
    result: 'what the test says',
    params: Type.Record(Type.String(), Type.Unknown()),
    throws: [],
    run: (params, context: Run<SmallPorts>) => {
      context.ports.ran.push(name);
      return run(params, context);
    },
  });

export const strictGate: TokenGate = { allows: (_method, offered) => offered === TEST_TOKEN };

export interface TestApiOptions<P> extends Pick<JobsOptions<P>, 'commands' | 'extensions' | 'ports'> {
  readonly gate?: TokenGate;
  readonly tls?: TlsSettings;
  readonly secrets?: Secrets;
  readonly prometheus?: Prometheus;
  readonly onFinished?: () => void;
  readonly nodeOf?: JobsOptions<P>['nodeOf'];
}

export interface TestApi {
  readonly base: string;
  readonly server: ApiServer;
  readonly jobs: Jobs;
  readonly hub: Hub;
  readonly logLines: readonly string[];
  /** Posts a command with the token. */
  post(name: unknown, params?: unknown, query?: string): Promise<Answer>;
  get(path: string): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Document;
}

export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const answer = await fetch(url, { redirect: 'manual', ...init });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, body: readDocument(text) };
}

const withToken = (query: string) => `?agent_token=${TEST_TOKEN}${query === '' ? '' : `&${query}`}`;

/** The API over real HTTP on loopback, with the job table behind it and every log line kept. */
export async function startTestApi<P>(options: TestApiOptions<P>): Promise<TestApi> {
  const secrets = options.secrets ?? createSecrets();
  secrets.add(TEST_TOKEN);
  const logLines: string[] = [];
  const destination = { write: (line: string) => void logLines.push(line) };
  const recentLog = recentLines(secrets);
  const log = createLog({ debug: true, format: 'json', secrets, destination, recent: recentLog });
  const hub = createHub({ version: '12.1.0', clock: systemClock });
  const metrics = options.prometheus ?? noMetrics;
  const jobs = createJobs<P>({
    ...options,
    nodeOf: options.nodeOf ?? (() => null),
    hub,
    metrics,
    log,
    clock: systemClock,
    secrets,
    onFinished: options.onFinished ?? (() => undefined),
  });
  const gate = options.gate ?? strictGate;
  const server = await startApi({
    host: '127.0.0.1',
    port: 0,
    tls: options.tls ?? null,
    gate,
    commands: options.commands,
    jobs,
    hub,
    metrics,
    metricsPage: options.prometheus ?? null,
    clock: systemClock,
    log,
    secrets,
    recentLog,
    relieve: () => undefined,
  });
  const base = `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${server.port}`;
  return {
    base,
    server,
    jobs,
    hub,
    logLines,
    post: (name, params = {}, query = '') =>
      ask(`${base}/v1/commands/${withToken(query)}`, { method: 'POST', body: JSON.stringify({ name, params }) }),
    get: (path) => ask(`${base}${path}${withToken('')}`),
  };
}
