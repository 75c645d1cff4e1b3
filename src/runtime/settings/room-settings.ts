import { resolve } from 'node:path';
import { type Config, isOldKernelOrigin, options, type Resolved } from '../../config/index.ts';
import type { ImageSettings } from '../../image/index.ts';
import type { ApiSettings } from '../../ironic/index.ts';

const SECOND = 1000;
const MDNS = 'mdns';

/** Addresses of the API; the literal stands for one that discovery puts in its place. */
export const apiUrls = (config: Config): readonly string[] => config.apiUrl.filter((url) => url !== MDNS);

const callbackUrl = (config: Config): string | null =>
  config.inspectionCallbackUrl === MDNS ? null : config.inspectionCallbackUrl;

/** What multicast DNS has to find. `must`: nothing goes on without it. */
export interface Wanted {
  readonly api: 'no' | 'may' | 'must';
  readonly inspector: boolean;
}

/** The literal asks; without any address `use_mdns` does (protocol.md 10). */
export function wantedOfMdns(config: Config): Wanted {
  const inspector = config.inspectionCallbackUrl === MDNS;
  if (config.apiUrl.includes(MDNS)) return { api: 'must', inspector };
  const hasAddress = config.apiUrl.length > 0 || config.inspectionCallbackUrl !== null;
  return { api: config.mdnsUseMdns && !hasAddress ? 'may' : 'no', inspector };
}

/** TLS settings of what the agent dials. */
const outboundTls = (config: Config): ApiSettings['tls'] => ({
  cafile: config.cafile,
  certfile: config.certfile,
  keyfile: config.keyfile,
  insecure: config.insecure,
  minVersion: config.tlsMinVersion,
  ciphers: config.tlsCipherSuites,
});

export const apiSettings = (config: Config): ApiSettings => ({
  urls: apiUrls(config),
  version: config.ironicApiVersion,
  requestTimeoutMs: config.httpRequestTimeout * SECOND,
  globalRequestId: config.globalRequestId,
  tls: outboundTls(config),
});

/**
 * `local` is the configuration before the conductor changed it: a TLS floor that the conductor sets for its own calls to
 * the agent must not shut out an image server that speaks an older version (protocol.md 4).
 */
export const imageSettings = (config: Config, local: Config): ImageSettings => ({
  connectionTimeoutMs: config.imageDownloadConnectionTimeout * SECOND,
  retries: config.imageDownloadConnectionRetries,
  retryIntervalMs: config.imageDownloadConnectionRetryInterval * SECOND,
  maxDurationMs: config.imageDownloadMaxDuration * SECOND,
  md5Enabled: config.md5Enabled,
  permittedFormats: config.permittedImageFormats,
  deepInspection: !config.disableDeepImageInspection,
  configDriveAsFat: config.configDriveRebuild,
  partitionLooks: config.diskUtilsPartitionDetectionAttempts,
  tls: outboundTls(local),
  server: {
    strategy: config.imageServerAuthStrategy,
    user: config.imageServerUser,
    password: config.imageServerPassword,
  },
});

/** Inspection runs with a callback URL, or with an API URL and a list of collectors (protocol.md 13.1). */
export const isInspecting = (config: Config): boolean =>
  callbackUrl(config) !== null || (config.inspectionCollectors !== null && apiUrls(config).length > 0);

/** Old servers are known by the old parameter that named them (protocol.md 13.7). */
export const wantsLegacyKeys = ({ config, origins }: Resolved): boolean =>
  config.legacyInspectionKeys === 'auto'
    ? isOldKernelOrigin(options.inspectionCallbackUrl, origins.inspectionCallbackUrl)
    : config.legacyInspectionKeys;

export const inspectionAddresses = (config: Config) => ({ callbackUrl: callbackUrl(config), apiUrls: apiUrls(config) });

/** Certificate files of the operator beat a generated certificate; `listen_tls` only switches the generated one off. */
export const wantsAutomaticTls = (config: Config): boolean =>
  (apiUrls(config).length > 0 || wantedOfMdns(config).api !== 'no') && config.enableAutoTls && !config.listenTls;

/** What the reference calls its file when only a folder is set. */
const LOG_NAME = 'ironic-python-agent.log';

/** How the agent logs; an absolute `log_file` leaves `log_dir` aside, as it does in the reference. */
export function logSettings({ debug, logFormat, useJson, logFile, logDir }: Config) {
  const name = logFile ?? (logDir === null ? null : LOG_NAME);
  const path = name === null ? null : resolve(logDir ?? '', name);
  const format = useJson ? ('json' as const) : logFormat;
  // What is moved away when the file is full is of the same log.
  const kept = [path, path === null ? null : `${path}.1`, logDir === null ? null : resolve(logDir)];
  return { debug, format, path, kept: kept.filter((one) => one !== null) };
}
