import { connect } from 'node:net';
import { unmapped } from '../net.ts';
import { codeOf, within } from './budget.ts';
import type { Dialled } from './probe.ts';

/** Opens a TCP connection and closes it. */
export function dial(address: string, port: number, budgetMs: number, signal: AbortSignal): Promise<Dialled> {
  return new Promise((resolve, reject) => {
    const limit = within(budgetMs, signal);
    const socket = connect({ host: address, port });
    const end = (result: Dialled) => {
      limit.removeEventListener('abort', late);
      socket.destroy();
      if (signal.aborted) reject(signal.reason);
      else resolve(result);
    };
    const late = () => end({ code: 'ETIMEDOUT' });
    limit.addEventListener('abort', late, { once: true });
    socket.once('connect', () => {
      const { localAddress } = socket;
      end({ from: localAddress === undefined ? null : unmapped(localAddress) });
    });
    socket.on('error', (error) => end({ code: codeOf(error) }));
    if (limit.aborted) late();
  });
}
