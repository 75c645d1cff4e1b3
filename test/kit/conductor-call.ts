import { Agent, request } from 'node:https';
import { type Document, readDocument } from './document.ts';

export interface Reply {
  readonly status: number;
  readonly body: Document;
}

/** The certificate that a heartbeat carries. */
export const certificateOf = (seen: { readonly body: unknown }): string => String(Object(seen.body).agent_verify_ca);

/** One call to an agent as the conductor makes it: over TLS, trusting only `ca`. */
export function callAgent(port: number, ca: string, method: string, path: string, body?: unknown): Promise<Reply> {
  return new Promise((resolve, reject) => {
    // No connection of an earlier life is used again.
    const agent = new Agent({ keepAlive: false });
    const outgoing = request({ host: '127.0.0.1', port, path, ca, method, agent }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: readDocument(text) }));
    });
    outgoing.on('error', reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
