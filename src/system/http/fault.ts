import type { AgentError } from '../../core/index.ts';
import { ServerUnreachable } from './errors.ts';

interface Reading {
  readonly codes: RegExp;
  readonly why: string;
  readonly hint?: string;
}

const READINGS: readonly Reading[] = [
  { codes: /^(ENOTFOUND|EAI_)/, why: 'its name cannot be resolved', hint: 'check DNS of the provisioning network' },
  { codes: /^ECONNREFUSED$/, why: 'connection refused', hint: 'check that the service runs on this port' },
  { codes: /^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/, why: 'no route to it', hint: 'check address and link' },
  { codes: /^(ECONNRESET|EPIPE|ERR_STREAM_PREMATURE_CLOSE|ERR_READING_RESPONSE_STREAM)$/, why: 'connection cut' },
  {
    codes: /SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET_ISSUER)|^CERT_UNTRUSTED$/,
    why: 'its certificate is not trusted',
    hint: 'set cafile to its authority',
  },
  {
    codes: /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/,
    why: 'its certificate is outside its validity time',
    hint: 'check the clock of this machine, ntp_server sets it',
  },
  { codes: /^ERR_TLS_CERT_ALTNAME_INVALID$/, why: 'its certificate is for another host name' },
  { codes: /^(ERR_SSL_|EPROTO)/, why: 'no agreement on TLS', hint: 'check http against https and tls_min_version' },
];

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** Any transport fault as one error type, in words for operators. `place` names method and URL. */
export function unreachable(error: unknown, place: string, timeoutMs: number): AgentError {
  const code = codeOf(error);
  if (code === 'ETIMEDOUT') {
    return ServerUnreachable(`${place}: no answer within ${timeoutMs / 1000} s`, { cause: error, data: { code } });
  }
  const reading = READINGS.find((candidate) => candidate.codes.test(code));
  const said = error instanceof Error && error.message !== '' ? error.message : code;
  return ServerUnreachable(`${place}: ${reading?.why ?? said}`, {
    cause: error,
    ...(reading?.hint === undefined ? {} : { hint: reading.hint }),
    data: { code },
  });
}
