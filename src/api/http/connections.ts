import type { App } from './app.ts';

/** What this needs of a socket. */
interface Peer {
  readonly writable: boolean;
  end(words: string): unknown;
  destroy(): unknown;
  once(event: 'close', hear: () => void): unknown;
}

/** The connections of a server, those too that never got as far as TLS or HTTP and that node's own list leaves out. */
export interface Connections {
  /** Ends each of them, whatever it is in the middle of. */
  cut(): void;
}

/** From here on; to be called before the server listens. */
export function trackConnections({ server }: Pick<App, 'server'>): Connections {
  const open = new Set<Peer>();
  server.on('connection', (socket: Peer) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  // Without a finished handshake nothing can be said, and an end that waits for what was said never comes.
  // Only after the others who listen: the log says whose connection it was, which a destroyed one does not know.
  server.on('tlsClientError', (_error: Error, socket: Peer) => void setImmediate(() => socket.destroy()));
  return {
    cut: () => {
      for (const socket of open) socket.destroy();
    },
  };
}

/** For the peer to read a refusal: ended at once, what it still sends would wipe out what it has not yet read. */
const LINGER_MS = 1000;

/** Says the last words on a connection and ends it, also when the peer never does. */
export function endWith(socket: Peer, words: string): void {
  if (!socket.writable) return;
  socket.end(words);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
