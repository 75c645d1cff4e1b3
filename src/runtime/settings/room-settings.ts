import type { Config } from '../../config/index.ts';
import type { ImageSettings } from '../../image/index.ts';
import type { ApiSettings } from '../../ironic/index.ts';

const SECOND = 1000;

/** TLS settings of everything the agent dials. One floor for all outbound calls, stated in the error when it is in the way. */
const outboundTls = (config: Config): ApiSettings['tls'] => ({
  cafile: config.cafile,
  certfile: config.certfile,
  keyfile: config.keyfile,
  insecure: config.insecure,
  minVersion: config.tlsMinVersion,
  ciphers: config.tlsCipherSuites,
});

export const apiSettings = (config: Config): ApiSettings => ({
  urls: config.apiUrl,
  version: config.ironicApiVersion,
  requestTimeoutMs: config.httpRequestTimeout * SECOND,
  globalRequestId: config.globalRequestId,
  tls: outboundTls(config),
});

export const imageSettings = (config: Config): ImageSettings => ({
  connectionTimeoutMs: config.imageDownloadConnectionTimeout * SECOND,
  retries: config.imageDownloadConnectionRetries,
  retryIntervalMs: config.imageDownloadConnectionRetryInterval * SECOND,
  maxDurationMs: config.imageDownloadMaxDuration * SECOND,
  md5Enabled: config.md5Enabled,
  permittedFormats: config.permittedImageFormats,
  deepInspection: !config.disableDeepImageInspection,
  tls: outboundTls(config),
  server: {
    strategy: config.imageServerAuthStrategy,
    user: config.imageServerUser,
    password: config.imageServerPassword,
  },
});

/** Inspection runs with a callback URL, or with an API URL and a list of collectors (protocol.md 13.1). */
export const isInspecting = (config: Config): boolean =>
  config.inspectionCallbackUrl !== null || (config.inspectionCollectors !== null && config.apiUrl.length > 0);

/** Certificate files of the operator beat a generated certificate; `listen_tls` only switches the generated one off. */
export const wantsAutomaticTls = (config: Config): boolean =>
  config.apiUrl.length > 0 && config.enableAutoTls && !config.listenTls;
