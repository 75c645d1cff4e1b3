import { randomUUID } from 'node:crypto';
import { createServer as createHttpServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';

export interface Received {
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, string>>;
}

/** What the script answers to one command: a result, or an HTTP fault. */
export type Answer =
  | { readonly result: unknown; readonly fails?: { readonly type: string; readonly details: string } }
  | { readonly status: number; readonly faultstring: string };

export interface ScriptedAgent {
  readonly url: string;
  readonly received: readonly Received[];
  /** Queries of every GET of the command list. */
  readonly listQueries: readonly Readonly<Record<string, string>>[];
  /** Ends the command that is still RUNNING. */
  finish(): void;
  /** The list as after a boot. */
  forget(): void;
  stop(): Promise<void>;
}

interface Entry {
  id: string;
  command_name: string;
  command_status: string;
  command_error: unknown;
  command_result: unknown;
}

const ASYNC = /\.(execute_\w+_step|install_bootloader|power_off|run_image)$/;

async function bodyOf(request: IncomingMessage): Promise<{ name: string; params: Record<string, unknown> }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

/** An agent on the other end of the wire whose answers a test writes down; no disk, no ramdisk. */
export async function startScriptedAgent(
  answer: (command: Received) => Answer,
  tls?: { readonly key: string; readonly cert: string },
): Promise<ScriptedAgent> {
  const received: Received[] = [];
  const listQueries: Record<string, string>[] = [];
  const entries: Entry[] = [];
  const pending: { end?: () => void } = {};

  const post = async (request: IncomingMessage, query: Record<string, string>): Promise<[number, unknown]> => {
    const { name, params } = await bodyOf(request);
    const command = { name, params, query };
    received.push(command);
    const said = answer(command);
    if ('status' in said) return [said.status, { faultstring: said.faultstring, faultcode: 'Client' }];
    const error = said.fails === undefined ? null : { ...said.fails, code: 500, message: 'failed' };
    const entry: Entry = {
      id: randomUUID(),
      command_name: name.slice(name.indexOf('.') + 1),
      command_status: 'RUNNING',
      command_error: null,
      command_result: null,
    };
    const end = () =>
      Object.assign(entry, {
        command_status: error === null ? 'SUCCEEDED' : 'FAILED',
        command_error: error,
        command_result: error === null ? said.result : null,
      });
    if (ASYNC.test(name)) pending.end = end;
    else end();
    entries.push(entry);
    return [200, { ...entry }];
  };

  const listener: RequestListener = (request, response) => {
    const url = new URL(request.url ?? '/', 'http://agent');
    const query = Object.fromEntries(url.searchParams);
    const reply = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.method === 'POST') {
      post(request, query).then(
        ([status, body]) => reply(status, body),
        (error: unknown) => reply(500, { faultstring: String(error), faultcode: 'Server' }),
      );
      return;
    }
    listQueries.push(query);
    reply(200, { commands: entries });
  };

  const server: Server = tls === undefined ? createHttpServer(listener) : createHttpsServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${address.port}`,
    received,
    listQueries,
    finish: () => pending.end?.(),
    forget: () => {
      entries.length = 0;
    },
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
