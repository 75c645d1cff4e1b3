import type { X509Certificate } from 'node:crypto';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { Files } from '../files.ts';
import { ipFamily } from '../net.ts';
import { tlsProtocolOptions, trustSystemAuthorities } from '../tls.ts';
import { codeOf, within } from './budget.ts';
import type { CertificateFacts, Handshake, HandshakeTarget } from './probe.ts';

const LONGEST_CHAIN = 5;
const oneLine = (name: string) => name.replace(/\n/g, ', ');

const factsOf = (certificate: X509Certificate): CertificateFacts => ({
  subject: oneLine(certificate.subject ?? ''),
  issuer: oneLine(certificate.issuer ?? ''),
  names: certificate.subjectAltName ?? '',
  validFrom: certificate.validFromDate.getTime(),
  validTo: certificate.validToDate.getTime(),
});

function chainOf(socket: TLSSocket): readonly CertificateFacts[] {
  const chain: CertificateFacts[] = [];
  let next = socket.getPeerX509Certificate();
  while (next !== undefined && chain.length < LONGEST_CHAIN) {
    chain.push(factsOf(next));
    next = next.issuerCertificate;
  }
  return chain;
}

/** Node gives a code although its types say an error. */
const faultOf = ({ authorized, authorizationError }: TLSSocket): string | null =>
  authorized ? null : typeof authorizationError === 'string' ? authorizationError : codeOf(authorizationError);

async function optionsOf(files: Pick<Files, 'text'>, { address, port, host, tls }: HandshakeTarget) {
  if (tls.cafile === null) trustSystemAuthorities();
  const pair =
    tls.certfile === null || tls.keyfile === null
      ? {}
      : { cert: await files.text(tls.certfile), key: await files.text(tls.keyfile) };
  return {
    ...{ host: address, port, rejectUnauthorized: false },
    ...(ipFamily(host) === 0 ? { servername: host } : {}),
    ...tlsProtocolOptions(tls),
    ...(tls.cafile === null ? {} : { ca: await files.text(tls.cafile) }),
    ...pair,
  } satisfies ConnectionOptions;
}

function shake(options: ConnectionOptions, budgetMs: number, signal: AbortSignal): Promise<Handshake> {
  return new Promise((resolve, reject) => {
    const limit = within(budgetMs, signal);
    const socket = connect(options);
    const end = (result: Handshake) => {
      limit.removeEventListener('abort', late);
      socket.destroy();
      if (signal.aborted) reject(signal.reason);
      else resolve(result);
    };
    const late = () => end({ code: 'ETIMEDOUT', message: `no answer within ${budgetMs / 1000} s` });
    limit.addEventListener('abort', late, { once: true });
    socket.once('secureConnect', () =>
      end({ protocol: socket.getProtocol() ?? '', fault: faultOf(socket), chain: chainOf(socket) }),
    );
    socket.on('error', (error) => end({ code: codeOf(error), message: error.message }));
    if (limit.aborted) late();
  });
}

/** The TLS handshake of a request, with every certificate accepted so that it can be looked at. */
export async function handshake(
  files: Pick<Files, 'text'>,
  target: HandshakeTarget,
  budgetMs: number,
  signal: AbortSignal,
): Promise<Handshake> {
  try {
    return await shake(await optionsOf(files, target), budgetMs, signal);
  } catch (error) {
    signal.throwIfAborted();
    return { code: codeOf(error), message: error instanceof Error ? error.message : String(error) };
  }
}
