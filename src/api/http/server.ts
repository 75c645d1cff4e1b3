import type { App, TlsSettings } from './app.ts';
import { createApp } from './app.ts';
import { type Connections, trackConnections } from './connections.ts';
import { type InstallOptions, installRoutes } from './install.ts';
import { installTlsRefusals } from './observe/index.ts';

/** Answers under way get this long when the API closes (protocol.md 1.2). */
const DRAIN_MS = 2000;

export interface ApiOptions extends Omit<InstallOptions, 'scheme'> {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly tls: TlsSettings | null;
}

export interface ApiServer {
  readonly port: number;
  /** Refuses new connections at once, lets answers under way finish for up to 2 s, then cuts them. */
  close(): Promise<void>;
}

async function drain(app: App, connections: Connections): Promise<void> {
  const closed = app.close();
  const impatience = setTimeout(connections.cut, DRAIN_MS);
  await closed;
  clearTimeout(impatience);
}

/** Serves the agent API (protocol.md 7). Rejects when the address cannot be bound. */
export async function startApi(options: ApiOptions): Promise<ApiServer> {
  const app = createApp(options.tls);
  const connections = trackConnections(app);
  installRoutes(app, { ...options, scheme: options.tls === null ? 'http' : 'https' });
  const { log, clock, tls } = options;
  if (tls !== null) installTlsRefusals(app, { log, clock, wantsCertificate: tls.clientAuthority !== null });
  await app.listen({ host: options.host, port: options.port });
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  options.log.info('api.listening', { host: options.host, port, tls: options.tls !== null });
  return { port, close: () => drain(app, connections) };
}
