import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const DAY = 86_400_000;
const stamp = (at: number) =>
  `${new Date(at)
    .toISOString()
    .replace(/[-:T]|\.\d+/g, '')
    .slice(0, 14)}Z`;

const CONF = `[ca]
default_ca = d
[d]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = p
copy_extensions = copy
unique_subject = no
[p]
commonName = supplied
`;

export interface DatedCertificate {
  readonly key: string;
  readonly cert: string;
}

/** A self-signed certificate for 127.0.0.1, valid `from` until `until` days from now. Leaves its files in `dir`. */
export function datedCertificate(dir: string, from: number, until: number): DatedCertificate {
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'ignore' });
  writeFileSync(join(dir, 'index'), '');
  writeFileSync(join(dir, 'serial'), '01\n');
  writeFileSync(join(dir, 'ca.conf'), CONF);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'dated.key'];
  openssl(
    'req',
    '-new',
    ...key,
    '-subj',
    '/CN=conductor',
    '-addext',
    'subjectAltName=IP:127.0.0.1',
    '-out',
    'dated.csr',
  );
  const dates = ['-startdate', stamp(Date.now() + from * DAY), '-enddate', stamp(Date.now() + until * DAY)];
  const files = ['-in', 'dated.csr', '-keyfile', 'dated.key', '-out', 'dated.pem'];
  openssl('ca', '-batch', '-notext', '-selfsign', '-config', 'ca.conf', ...files, ...dates);
  return { key: readFileSync(join(dir, 'dated.key'), 'utf8'), cert: readFileSync(join(dir, 'dated.pem'), 'utf8') };
}
