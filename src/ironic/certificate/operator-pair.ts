import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { reasonOf } from '../../core/index.ts';
import { CertificateFailed } from '../errors.ts';
import type { IronicPorts } from '../ports.ts';
import { covers } from './covers.ts';

export interface PairPaths {
  readonly certPath: string;
  readonly keyPath: string;
}

type Ports = Pick<IronicPorts, 'files' | 'clock' | 'log'>;

async function read<T>({ files }: Ports, path: string, option: string, parse: (text: string) => T): Promise<T> {
  try {
    return parse(await files.text(path));
  } catch (error) {
    const hint = `correct ${option}, or unset it`;
    throw CertificateFailed(`${option} ${path} cannot be used: ${reasonOf(error)}`, { cause: error, hint });
  }
}

const iso = (date: Date) => date.toISOString();

/** What does not keep the API from opening: a conductor may not check it, and our clock may be the one that is wrong. */
function doubtsAbout(certificate: X509Certificate, host: string | null, now: number): readonly string[] {
  const { validFromDate: from, validToDate: to } = certificate;
  const clock = `this machine's clock says ${iso(new Date(now))}`;
  return [
    ...(now < from.getTime() ? [`is not valid before ${iso(from)}, but ${clock}`] : []),
    ...(now > to.getTime() ? [`has expired on ${iso(to)}, ${clock}`] : []),
    ...(host !== null && !covers(certificate, host)
      ? [`is for ${certificate.subjectAltName ?? 'no name'}, but the conductor is told to call ${host}`]
      : []),
  ];
}

/**
 * Looks at the operator's own certificate before the API opens with it. `host`: what the conductor is told to call, null
 * while that is not known. @throws CertificateError when the pair cannot serve; what is merely doubtful is logged
 */
export async function checkOperatorPair(ports: Ports, paths: PairPaths, host: string | null): Promise<void> {
  const { certPath, keyPath } = paths;
  const certificate = await read(ports, certPath, 'tls_cert_file', (text) => new X509Certificate(text));
  const key: KeyObject = await read(ports, keyPath, 'tls_key_file', createPrivateKey);
  if (!certificate.checkPrivateKey(key))
    throw CertificateFailed(`tls_key_file ${keyPath} does not belong to tls_cert_file ${certPath}`, {
      hint: 'give the agent the two files of one pair',
    });
  for (const doubt of doubtsAbout(certificate, host, ports.clock.now()))
    ports.log.error('certificate.doubtful', { path: certPath, why: `the certificate ${doubt}` });
}
