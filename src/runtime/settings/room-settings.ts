import { resolve } from 'node:path';
import { type Config, isOldKernelOrigin, options, type Resolved } from '../../config/index.ts';
import { MiB } from '../../core/index.ts';
import type { ContainerSettings } from '../../hardware/index.ts';
import type { ImageSettings } from '../../image/index.ts';
import type { ApiSettings } from '../../ironic/index.ts';
import type { ProxyEnvironment } from '../../system/index.ts';
import { apiUrls, hasConductor } from './addresses.ts';

const SECOND = 1000;
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
 * For the inspector. Like the image server it may be older than the TLS floor that the conductor sets: that one is of
 * `local`, everything else as in force.
 */
export function inspectionSettings(config: Config, local: Config): ApiSettings {
  const settings = apiSettings(config);
  const { minVersion, ciphers } = outboundTls(local);
  return { ...settings, tls: { ...settings.tls, minVersion, ciphers } };
}

/**
 * `local` is the configuration before the conductor changed it: a TLS floor that the conductor sets for its own calls to
 * the agent must not shut out an image server that speaks an older version (protocol.md 4).
 */
export const imageSettings = (config: Config, local: Config, proxies: ProxyEnvironment): ImageSettings => ({
  connectionTimeoutMs: config.imageDownloadConnectionTimeout * SECOND,
  retries: config.imageDownloadConnectionRetries,
  retryIntervalMs: config.imageDownloadConnectionRetryInterval * SECOND,
  maxDurationMs: config.imageDownloadMaxDuration * SECOND,
  md5Enabled: config.md5Enabled,
  permittedFormats: config.permittedImageFormats,
  deepInspection: !config.disableDeepImageInspection,
  configDriveAsFat: config.configDriveRebuild,
  espMib: config.diskUtilsEfiSystemPartitionSize,
  biosBootMib: config.diskUtilsBiosBootPartitionSize,
  partitionLooks: config.diskUtilsPartitionDetectionAttempts,
  unpack: config.imageDecompression,
  convert: {
    memoryBytes: config.diskUtilsImageConvertMemoryLimit * MiB,
    attempts: config.diskUtilsImageConvertAttempts,
  },
  tls: outboundTls(local),
  proxies,
  server: {
    strategy: config.imageServerAuthStrategy,
    user: config.imageServerUser,
    password: config.imageServerPassword,
  },
});

export const containerSettings = (config: Config): ContainerSettings => ({
  runner: config.containerRunner,
  allowArbitrary: config.containerAllowArbitraryContainers,
  allowed: config.containerAllowedContainers,
  pullOptions: config.containerPullOptions,
  runOptions: config.containerRunOptions,
  stepsFile: config.containerContainerStepsFile,
  requireDigest: config.containerRequireDigest,
  pullTimeoutMs: config.containerPullTimeout * SECOND,
  runTimeoutMs: config.containerRunTimeout * SECOND,
});

/** Old servers are known by the old parameter that named them (protocol.md 13.7). */
export const wantsLegacyKeys = ({ config, origins }: Resolved): boolean =>
  config.legacyInspectionKeys === 'auto'
    ? isOldKernelOrigin(options.inspectionCallbackUrl, origins.inspectionCallbackUrl)
    : config.legacyInspectionKeys;

/** Certificate files of the operator are in use where this is false: `listen_tls` only switches the generated one off. */
export const wantsAutomaticTls = (config: Config): boolean =>
  hasConductor(config) && config.enableAutoTls && !config.listenTls;

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
