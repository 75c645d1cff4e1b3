import { type Clock, type Log, RestError, type Secrets } from '../core/index.ts';
import { hasUsableSuite, type MachinePorts, type Serving, tlsProtocolOptions } from '../runtime/index.ts';
import { clientAuthority } from './client-authority.ts';
import { type ApiServer, startApi, type TlsSettings } from './http/index.ts';

interface Around {
  readonly files: MachinePorts['files'];
  readonly clock: Clock;
  readonly log: Log;
  readonly secrets: Secrets;
  readonly relieve: () => void;
}

async function tlsOf({ identity, config }: Serving, files: Around['files']): Promise<TlsSettings | null> {
  const authority = await clientAuthority(files, config.tlsClientCaFile, identity !== null);
  if (identity === null) return null;
  const [cert, key] = await Promise.all([files.text(identity.certPath), files.text(identity.keyPath)]);
  const { tlsMinVersion: minVersion, tlsCipherSuites: ciphers } = config;
  if (ciphers !== null && !hasUsableSuite(ciphers))
    throw RestError(`tls_cipher_suites ${ciphers} names no suite that OpenSSL knows`, { hint: 'correct or unset it' });
  return { cert, key, clientAuthority: authority, ...tlsProtocolOptions({ minVersion, ciphers }) };
}

/** Opens the API as configured. Rejects when the port is taken or the certificate cannot be read. */
export async function listen(serving: Serving, around: Around): Promise<ApiServer> {
  const { files, ...shared } = around;
  const { config, commands, jobs, hub, gate, metrics, metricsPage, recentLog } = serving;
  const tls = await tlsOf(serving, files);
  const where = { host: config.listenHost, port: config.listenPort, tls };
  return startApi({ ...shared, ...where, gate, commands, jobs, hub, metrics, metricsPage, recentLog });
}
