import { connect } from 'node:net';

const PATIENCE_MS = 5_000;

/** `open`: something listens. `closed`: the host says that nothing does. `silent`: nobody says anything. */
export type PortState = 'open' | 'closed' | 'silent';

/** One attempt to connect. */
export function portState(host: string, port: number): Promise<PortState> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: PATIENCE_MS });
    const answer = (state: PortState) => {
      socket.destroy();
      resolve(state);
    };
    socket.once('connect', () => answer('open'));
    socket.once('timeout', () => answer('silent'));
    socket.once('error', (error: NodeJS.ErrnoException) => answer(error.code === 'ECONNREFUSED' ? 'closed' : 'silent'));
  });
}
