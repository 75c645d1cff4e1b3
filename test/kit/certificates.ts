import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Certificates {
  readonly dir: string;
  /** PEM texts and their paths. */
  readonly ca: string;
  readonly caFile: string;
  readonly server: { readonly cert: string; readonly key: string };
  readonly client: { readonly cert: string; readonly key: string; readonly certFile: string; readonly keyFile: string };
  close(): void;
}

/** The agent serves this certificate, and says so to the conductor. */
export const serving = ({ dir }: Certificates): readonly string[] => [
  ...['--listen_tls', '--tls_cert_file', join(dir, 'server.pem'), '--tls_key_file', join(dir, 'server.key')],
  ...['--advertise_protocol', 'https'],
];

/** An authority of its own with a server certificate for 127.0.0.1 and a client certificate, made by openssl. */
export function makeCertificates(): Certificates {
  const dir = mkdtempSync('/tmp/certificates-');
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'ignore' });
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...ec, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=test authority', '-days', '2');
  for (const name of ['server', 'client']) {
    openssl('req', ...ec, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    writeFileSync(join(dir, 'ext'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
    const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'ext', '-days', '2'];
    openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, ...signed);
  }
  const text = (name: string) => readFileSync(join(dir, name), 'utf8');
  return {
    dir,
    ca: text('ca.pem'),
    caFile: join(dir, 'ca.pem'),
    server: { cert: text('server.pem'), key: text('server.key') },
    client: {
      cert: text('client.pem'),
      key: text('client.key'),
      certFile: join(dir, 'client.pem'),
      keyFile: join(dir, 'client.key'),
    },
    close: () => rmSync(dir, { recursive: true, force: true }),
  };
}
