import type { ClientTls } from '../../system/index.ts';
import type { IronicPorts } from '../ports.ts';

/** Headers of every request to Ironic and to inspection (protocol 3, 13.2). */
export const commonHeaders = (globalRequestId: string | null): Readonly<Record<string, string>> => ({
  'Content-Type': 'application/json',
  Accept: 'application/json',
  ...(globalRequestId === null ? {} : { 'X-OpenStack-Request-ID': globalRequestId }),
});

/** A client certificate needs both files; a lone one is reported and left out (protocol 2.2). */
export function withoutLoneFile(tls: ClientTls, log: IronicPorts['log']): ClientTls {
  if ((tls.certfile === null) === (tls.keyfile === null)) return tls;
  log.warn('ironic.client_certificate.ignored', { why: 'certfile and keyfile must both be set' });
  return { ...tls, certfile: null, keyfile: null };
}
