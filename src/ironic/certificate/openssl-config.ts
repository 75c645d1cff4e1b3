import { ipFamily } from '../../system/index.ts';
import { CertificateFailed } from '../errors.ts';

/** Name of the extension section in the configuration. */
export const EXTENSIONS = 'server';

const LONGEST_COMMON_NAME = 64;
const DNS_NAME = /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,62}))*\.?$/;

/** A subject alternative name. @throws CertificateError when `host` is neither an address nor a DNS name */
export function alternativeName(host: string): string {
  if (ipFamily(host) !== 0 && !host.includes('%')) return `IP:${host}`;
  if (DNS_NAME.test(host)) return `DNS:${host.replace(/\.$/, '')}`;
  throw CertificateFailed(`${host} is neither an IP address nor a host name`, { hint: 'correct advertise_host' });
}

/** Only characters that mean nothing to openssl, at most as many as a common name may have. */
export function commonName(hostname: string): string {
  const plain = hostname.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, LONGEST_COMMON_NAME);
  return plain === '' ? 'ironic-node-agent' : plain;
}

interface ConfigFacts {
  readonly work: string;
  readonly hostname: string;
  readonly host: string;
  readonly otherAddresses: readonly string[];
}

/** What the conductor checks comes first. */
const alternativeNames = ({ host, otherAddresses }: ConfigFacts): string =>
  [host, ...otherAddresses.filter((address) => address !== host)].map(alternativeName).join(', ');

/**
 * What `openssl req` and `openssl ca` read: subject, a throw-away register in `work`, and the extensions of a server
 * certificate that is its own trust anchor. No key usage: without certificate signing in it, verifiers would refuse
 * the certificate as its own issuer.
 */
export const opensslConfig = (facts: ConfigFacts) => `
[req]
distinguished_name = subject
prompt = no
[subject]
CN = ${commonName(facts.hostname)}
[ca]
default_ca = self
[self]
database = ${facts.work}/index.txt
new_certs_dir = ${facts.work}
policy = anything
rand_serial = yes
[anything]
commonName = supplied
[${EXTENSIONS}]
subjectAltName = critical, ${alternativeNames(facts)}
basicConstraints = critical, CA:FALSE
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
`;

/** Milliseconds since the epoch in the form certificates want: two digits for the years 1950 to 2049, else four. */
export function opensslTime(ms: number): string {
  const year = new Date(ms).getUTCFullYear();
  const digits = new Date(ms)
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replace(/\D/g, '');
  return `${year >= 1950 && year < 2050 ? digits.slice(2) : digits}Z`;
}
