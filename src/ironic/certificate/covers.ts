import type { X509Certificate } from 'node:crypto';
import { ipFamily } from '../../system/index.ts';

/** Whether a client that checks the name `host`, or the address, is content with the certificate. */
export const covers = (certificate: X509Certificate, host: string): boolean =>
  (ipFamily(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined;
