import type { CertificateFacts } from '../../system/index.ts';
import type { Check, Finding, PathFacts } from './facts.ts';

const iso = (ms: number): string => (Number.isNaN(new Date(ms).getTime()) ? String(ms) : new Date(ms).toISOString());

/** Two machines whose clocks differ by less agree for our purpose. */
const AGREEMENT_MS = 5 * 60_000;
const isOutside = ({ validFrom, validTo }: CertificateFacts, at: number) => at < validFrom || at > validTo;

const SET_CLOCK = 'set ntp_server or the BIOS clock';

const failed = (text: string, advice: string, finding: Finding): Check => ({
  name: 'TLS',
  ok: false,
  text,
  advice,
  finding,
});

/** A date outside the validity time: is it the certificate, or is it our clock? The server's own clock decides. */
function checkDates({ ours, theirs }: PathFacts, chain: readonly CertificateFacts[]): Check {
  const bad = chain.find((certificate) => isOutside(certificate, ours)) ?? chain[0];
  if (bad === undefined)
    return failed('TLS certificate is outside its validity time', SET_CLOCK, { kind: 'certificate' });
  const early = ours < bad.validFrom;
  const edge = early ? `not valid before ${iso(bad.validFrom)}` : `not valid after ${iso(bad.validTo)}`;
  const told = theirs === null ? '' : `, the server's says ${iso(theirs)}`;
  const text = `TLS certificate ${bad.subject} is ${edge} but this machine's clock says ${iso(ours)}${told}`;
  const oursIsWrong = theirs === null ? early : Math.abs(theirs - ours) > AGREEMENT_MS && !isOutside(bad, theirs);
  if (oursIsWrong) return failed(text, SET_CLOCK, { kind: 'clock', theirs: theirs ?? bad.validFrom, ours });
  const advice = early
    ? 'give the server a certificate that is valid now, or correct both clocks'
    : 'renew it, or set the clock if this one is wrong';
  return failed(text, advice, { kind: 'certificate' });
}

const UNTRUSTED = /SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET_ISSUER)|^CERT_UNTRUSTED$|INVALID_CA|CERT_SIGNATURE/;

function checkTrust(facts: PathFacts, fault: string, chain: readonly CertificateFacts[]): Check {
  const [leaf] = chain;
  if (/^CERT_(NOT_YET_VALID|HAS_EXPIRED)$/.test(fault)) return checkDates(facts, chain);
  if (fault === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const names = leaf?.names === undefined || leaf.names === '' ? 'nothing' : leaf.names;
    const text = `TLS certificate is for ${names}, not for ${facts.host}`;
    return failed(text, 'use one of its names in the URL, or give the server a certificate for this one', {
      kind: 'certificate',
    });
  }
  const store = facts.cafile === null ? "the ramdisk's authorities" : `cafile ${facts.cafile}`;
  if (UNTRUSTED.test(fault)) {
    const issuer = chain.at(-1)?.issuer ?? 'nobody';
    const text = `TLS certificate ${leaf?.subject ?? ''} of issuer ${issuer} is not trusted by ${store} (${fault})`;
    return failed(text, 'set cafile to its authority ([agent]api_ca_file of the conductor does)', {
      kind: 'certificate',
    });
  }
  return failed(`TLS certificate is refused: ${fault}`, `check the certificate and ${store}`, { kind: 'certificate' });
}

interface Reading {
  readonly codes: RegExp;
  readonly text: string;
  readonly advice: string;
}

const READINGS: readonly Reading[] = [
  {
    codes: /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST/,
    text: 'the server speaks no TLS on this port',
    advice: 'use http:// or another port',
  },
  {
    codes: /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS/,
    text: 'server and agent share no TLS version',
    advice: 'set tls_min_version to 1.2, or allow a newer TLS version on the server',
  },
  {
    codes: /HANDSHAKE_FAILURE|NO_SHARED_CIPHER|NO_CIPHER/,
    text: 'server and agent share no cipher suite',
    advice: 'set tls_cipher_suites to suites that the server has',
  },
  {
    codes: /CERTIFICATE_REQUIRED|ALERT_BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_UNKNOWN/,
    text: "the server refuses the agent's certificate",
    advice: 'set certfile and keyfile to what the server accepts',
  },
  {
    codes: /^(ECONNRESET|EPIPE)$/,
    text: 'the server cuts the connection in the TLS handshake',
    advice: 'check that this port speaks TLS and what its log says',
  },
  {
    codes: /^ETIMEDOUT$/,
    text: 'the server does not answer the TLS handshake',
    advice: 'check that the service behind the port is alive',
  },
  {
    codes: /^(ENOENT|EACCES|EISDIR)$/,
    text: 'a certificate file of the agent cannot be read',
    advice: 'check cafile, certfile and keyfile',
  },
];

function refused(code: string, message: string, { minVersion }: PathFacts): Check {
  const reading = READINGS.find(({ codes }) => codes.test(code));
  const offer = minVersion === '1.3' ? 'the agent offers TLS 1.3 only' : 'the agent offers TLS 1.2 and 1.3';
  const why = `${code}${message === '' || message === code ? '' : `: ${message.replace(/\s+/g, ' ').slice(0, 160)}`}`;
  const text = `${reading?.text ?? 'the TLS handshake failed'} (${offer}; ${why})`;
  return failed(text, reading?.advice ?? 'check http against https, tls_min_version and tls_cipher_suites', {
    kind: 'tls',
  });
}

export function checkTls(facts: PathFacts): Check | null {
  const { handshake, insecure } = facts;
  if (handshake === null) return null;
  if ('code' in handshake) return refused(handshake.code, handshake.message, facts);
  const { protocol, fault, chain } = handshake;
  const until = chain[0] === undefined ? '' : `, certificate ${chain[0].subject} until ${iso(chain[0].validTo)}`;
  if (fault === null) return { name: 'TLS', ok: true, text: `${protocol}${until}` };
  if (insecure) return { name: 'TLS', ok: true, text: `${protocol}${until}, not verified (insecure is set): ${fault}` };
  return checkTrust(facts, fault, chain);
}
