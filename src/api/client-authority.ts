import { X509Certificate } from 'node:crypto';
import { RestError, reasonOf } from '../core/index.ts';
import type { MachinePorts } from '../runtime/index.ts';

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/**
 * The authorities in the file of `tls_client_ca_file`, as PEM. Without TLS the option would protect nothing, and a file
 * without a certificate would shut everybody out. @throws RestError
 */
export async function clientAuthority(
  files: Pick<MachinePorts['files'], 'text'>,
  path: string | null,
  hasTls: boolean,
): Promise<string | null> {
  if (path === null) return null;
  if (!hasTls)
    throw RestError('tls_client_ca_file is set, but the agent API does not speak TLS', {
      hint: 'leave automatic TLS on or set tls_cert_file and tls_key_file, or unset tls_client_ca_file',
    });
  try {
    const blocks = (await files.text(path)).match(BLOCK) ?? [];
    if (blocks.length === 0) throw new Error('it holds no certificate');
    return blocks.map((block) => new X509Certificate(block).toString()).join('');
  } catch (error) {
    const hint = 'correct tls_client_ca_file, or unset it';
    throw RestError(`tls_client_ca_file ${path} cannot be used: ${reasonOf(error)}`, { cause: error, hint });
  }
}
