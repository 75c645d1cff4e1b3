import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { reasonOf } from '../../core/index.ts';
import { opensslRequest, opensslSelfSign } from '../../system/index.ts';
import { CertificateFailed } from '../errors.ts';
import type { IronicPorts } from '../ports.ts';
import { covers } from './covers.ts';
import { EXTENSIONS, opensslConfig, opensslTime } from './openssl-config.ts';

export interface CertificateSettings {
  /** Holds `agent.crt` and `agent.key`; made with mode 0700. Should lie in memory, and its path have no odd characters. */
  readonly directory: string;
  /** The advertised address or name: what the conductor checks. */
  readonly host: string;
  /** Further addresses of this machine. A certificate is not replaced for these. */
  readonly otherAddresses: readonly string[];
  readonly curve: 'p256' | 'p384' | 'p521';
  /** How far the certificate reaches into the past, for conductors whose clock is behind. */
  readonly allowedClockSkewMs: number;
  /** Common name. */
  readonly hostname: string;
}

export interface CertificateFiles {
  readonly certPath: string;
  readonly keyPath: string;
  readonly certPem: string;
}

type Ports = Pick<IronicPorts, 'tools' | 'files' | 'clock' | 'log'>;

const LIFETIME_MS = 30 * 24 * 3600 * 1000;
/** A certificate that ends within this time is replaced at a restart: an operation may take as long. */
const LEAST_LEFT_MS = 3600 * 1000;
const CURVES = {
  p256: { openssl: 'P-256', node: 'prime256v1' },
  p384: { openssl: 'P-384', node: 'secp384r1' },
  p521: { openssl: 'P-521', node: 'secp521r1' },
} as const;

/** Why a pair can no longer serve; null when it can. */
function defectOf(
  certificate: X509Certificate,
  key: KeyObject,
  { curve, host }: CertificateSettings,
  now: number,
): string | null {
  if (!certificate.checkPrivateKey(key)) return 'its key belongs to another certificate';
  if (key.asymmetricKeyDetails?.namedCurve !== CURVES[curve].node) return `it does not use curve ${curve}`;
  if (!covers(certificate, host)) return `it is not for ${host}`;
  if (certificate.validFromDate.getTime() > now) return `it is valid from ${certificate.validFrom} only`;
  return certificate.validToDate.getTime() > now + LEAST_LEFT_MS ? null : `it ends on ${certificate.validTo}`;
}

/** The pair of an earlier run in this boot: the conductor refuses a heartbeat with another certificate (protocol 6.3). */
async function existingPair(
  { files, clock }: Ports,
  settings: CertificateSettings,
  at: Omit<CertificateFiles, 'certPem'>,
): Promise<{ readonly certPem: string } | { readonly defect: string } | null> {
  const [certPem, keyPem] = await Promise.all([files.textOrNull(at.certPath), files.textOrNull(at.keyPath)]);
  if (certPem === null || keyPem === null) return null;
  try {
    const defect = defectOf(new X509Certificate(certPem), createPrivateKey(keyPem), settings, clock.now());
    return defect === null ? { certPem: `${certPem}\n` } : { defect };
  } catch {
    return { defect: 'it cannot be read' };
  }
}

/** Made in a private folder and then put in place: the key first, so that a crash in between leaves no wrong pair in use. */
async function newPair(
  { tools, files, clock }: Ports,
  settings: CertificateSettings,
  at: Omit<CertificateFiles, 'certPem'>,
  signal: AbortSignal,
): Promise<string> {
  const work = join(settings.directory, 'new');
  const config = join(work, 'openssl.cnf');
  const key = join(work, 'key.pem');
  const request = join(work, 'request.pem');
  const out = join(work, 'cert.pem');
  await files.remove(work);
  await files.makeDir(work, 0o700);
  try {
    await files.write(config, opensslConfig({ ...settings, work }));
    await files.write(join(work, 'index.txt'), '');
    await tools.run(
      opensslRequest,
      { config, curve: CURVES[settings.curve].openssl, keyOut: key, requestOut: request },
      signal,
    );
    const from = opensslTime(clock.now() - settings.allowedClockSkewMs);
    const until = opensslTime(clock.now() + LIFETIME_MS);
    await tools.run(opensslSelfSign, { config, extensions: EXTENSIONS, request, key, from, until, out }, signal);
    const certPem = await files.text(out);
    await files.write(at.keyPath, await files.text(key), { mode: 0o600 });
    await files.write(at.certPath, certPem);
    return certPem;
  } finally {
    await files.remove(work);
  }
}

/**
 * Key and self-signed certificate of automatic TLS (protocol 6.2); the ones of an earlier run are kept when they still
 * serve. @throws CertificateError
 */
export async function makeCertificate(
  ports: Ports,
  settings: CertificateSettings,
  signal: AbortSignal,
): Promise<CertificateFiles> {
  const at = { certPath: join(settings.directory, 'agent.crt'), keyPath: join(settings.directory, 'agent.key') };
  const kept = await existingPair(ports, settings, at);
  if (kept !== null && 'certPem' in kept) {
    ports.log.info('certificate.kept', { host: settings.host, path: at.certPath });
    return { ...at, certPem: kept.certPem };
  }
  if (kept !== null)
    ports.log.warn('certificate.replaced', {
      why: kept.defect,
      effect:
        'a conductor that knows the old one refuses heartbeats until it ends the operation or restarts the machine',
    });
  try {
    await ports.files.makeDir(settings.directory, 0o700);
    const certPem = await newPair(ports, settings, at, signal);
    ports.log.info('certificate.made', { host: settings.host, path: at.certPath });
    return { ...at, certPem };
  } catch (error) {
    signal.throwIfAborted();
    if (CertificateFailed.is(error)) throw error;
    throw CertificateFailed(reasonOf(error), { cause: error });
  }
}
