import { boundedLog, type Clock, type Log, reasonOf } from '../../../core/index.ts';
import { unmapped } from '../../../runtime/index.ts';
import type { App } from '../app.ts';

/** A scanner that knocks on the port shall not fill the log. */
const BOUND = { lines: 20, perMs: 60_000 };

interface Options {
  readonly log: Log;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Clients must show a certificate: then a refused one is news. */
  readonly wantsCertificate: boolean;
}

/** One event per connection whose TLS did not come about. */
export function installTlsRefusals(app: App, { log, clock, wantsCertificate }: Options): void {
  const bounded = boundedLog(log, clock, BOUND);
  app.server.on('tlsClientError', (error: Error, socket: { readonly remoteAddress?: string }) => {
    const fields = { from: unmapped(socket.remoteAddress ?? '') || null, reason: reasonOf(error) };
    if (!wantsCertificate) return bounded.debug('api.tls.refused', fields);
    bounded.warn('api.tls.refused', { ...fields, hint: 'clients need a certificate of tls_client_ca_file' });
  });
}
