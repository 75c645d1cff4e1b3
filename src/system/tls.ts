import { createSecureContext, getCACertificates, type SecureVersion, setDefaultCACertificates } from 'node:tls';

/** Protocol floor and TLS 1.2 suites, for the server as for the client (protocol 6.4). */
export interface TlsProtocol {
  readonly minVersion: '1.2' | '1.3';
  /** OpenSSL names joined by colons, TLS 1.2 only; null for the default four. */
  readonly ciphers: string | null;
}

/** Without these names in the list Node would switch TLS 1.3 off. */
const TLS13_SUITES = 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256';
const TLS12_SUITES =
  'ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256';

/** The same in the words of `node:tls`, for a listener or a request. */
export function tlsProtocolOptions(protocol: TlsProtocol): {
  readonly minVersion: SecureVersion;
  readonly ciphers: string;
} {
  return {
    minVersion: protocol.minVersion === '1.3' ? 'TLSv1.3' : 'TLSv1.2',
    ciphers: `${TLS13_SUITES}:${protocol.ciphers ?? TLS12_SUITES}`,
  };
}

/** Whether OpenSSL knows at least one suite of the list: with a list that it refuses no connection would come about. */
export function hasUsableSuite(ciphers: string): boolean {
  try {
    createSecureContext(tlsProtocolOptions({ minVersion: '1.2', ciphers }));
    return true;
  } catch {
    return false;
  }
}

/**
 * Lets this process trust the authorities of the ramdisk's store, where operators put theirs, instead of those built
 * into Node; an empty store changes nothing. Takes some 100 ms and 8 MB, so only the first request that needs it pays.
 */
export function trustSystemAuthorities(): void {
  const found = getCACertificates('system');
  if (found.length > 0 && found.length !== getCACertificates('default').length) setDefaultCACertificates(found);
}
