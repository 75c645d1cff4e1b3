import { reasonOf } from '../../core/index.ts';
import { createTransferSession, type TlsMaterial, type TransferSession } from '../../system/index.ts';
import { ImageDownloadFailed } from '../errors.ts';
import type { ImagePorts, ImageTls } from '../ports.ts';
import type { Access } from './attempts.ts';

async function readPem(ports: ImagePorts, path: string | null, what: string): Promise<string | null> {
  if (path === null) return null;
  return ports.files.text(path).catch((error: unknown) => {
    throw ImageDownloadFailed(`cannot read ${what} ${path}: ${reasonOf(error)}`, { cause: error });
  });
}

async function tlsMaterial(ports: ImagePorts, tls: ImageTls): Promise<TlsMaterial> {
  return {
    ca: await readPem(ports, tls.cafile, 'cafile'),
    cert: await readPem(ports, tls.certfile, 'certfile'),
    key: await readPem(ports, tls.keyfile, 'keyfile'),
    insecure: tls.insecure,
    minVersion: tls.minVersion,
    ciphers: tls.ciphers,
  };
}

/** A session with the trust, proxy and credentials of one image. */
export async function openSession(ports: ImagePorts, access: Access): Promise<TransferSession> {
  return createTransferSession({
    tls: await tlsMaterial(ports, access.settings.tls),
    proxyFor: access.proxyFor,
    authorization: access.authorization,
    timeoutMs: access.settings.connectionTimeoutMs,
  });
}
