import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { request } from 'node:https';
import { type AgentProcess, startAgent } from './agent-process.ts';
import { certificateOf } from './conductor-call.ts';
import { type Document, readDocument } from './document.ts';
import { type ScriptedConductor, startConductor, TOKEN } from './scripted-conductor.ts';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Document;
}

export interface Call {
  readonly method?: string;
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The agent as a conductor of one API version meets it: its own process, over TLS, seen from outside. */
export interface Subject {
  readonly conductor: ScriptedConductor;
  readonly agent: AgentProcess;
  /** `https://127.0.0.1:<port>` */
  readonly base: string;
  /** Trusts nothing but the certificate of the heartbeat. Redirects are not followed. */
  ask(path: string, call?: Call): Promise<Reply>;
  /** Posts a command with the token. */
  post(name: unknown, params?: unknown, query?: string): Promise<Reply>;
  /** The command list, with the token. */
  list(): Promise<readonly { readonly [key: string]: unknown }[]>;
  close(): Promise<void>;
}

function askOver(port: number, ca: string, path: string, call: Call): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', body, headers = {} } = call;
    // The certificate is checked against the address, whatever the Host header says.
    const to = { host: '127.0.0.1', servername: '', port, ca };
    const outgoing = request({ ...to, path, method, headers: { ...headers } }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => void parts.push(part));
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        const { statusCode: status = 0, headers: got } = answer;
        resolve({ status, headers: got, text, body: readDocument(text) });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

export const withToken = (path: string, query = ''): string =>
  `${path}?agent_token=${TOKEN}${query === '' ? '' : `&${query}`}`;

/** Boots the agent before a conductor and waits for its first heartbeat. Nothing that is posted may reach a disk: it is this machine's. */
export async function startSubject(version: string, flags: readonly string[] = []): Promise<Subject> {
  const conductor = await startConductor({ version });
  const common = ['--api_url', conductor.url, '--lookup_interval', '0', '--disk_wait_attempts', '0', '--debug'];
  const agent = await startAgent([...common, ...flags]);
  const beat = await conductor.nth('heartbeat', 1);
  const ask: Subject['ask'] = (path, call = {}) => askOver(agent.port, certificateOf(beat), path, call);
  return {
    conductor,
    agent,
    base: `https://127.0.0.1:${agent.port}`,
    ask,
    post: (name, params = {}, query = '') =>
      ask(withToken('/v1/commands/', query), { method: 'POST', body: JSON.stringify({ name, params }) }),
    list: async () => (await ask(withToken('/v1/commands/'))).body.commands,
    close: async () => {
      await agent.stop();
      await conductor.close();
    },
  };
}

/** A server that holds every request until it is let go, and then answers 404. */
export interface HeldServer {
  readonly url: string;
  release(): void;
  close(): Promise<void>;
}

export async function startHeldServer(): Promise<HeldServer> {
  const held = new Set<ServerResponse>();
  let isOpen = false;
  const server = createServer((_request, response) => {
    if (isOpen) response.writeHead(404).end();
    else held.add(response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/drive`,
    release: () => {
      isOpen = true;
      for (const response of held) response.writeHead(404).end();
      held.clear();
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
