import { type Log, MiB, silentLog } from '../../src/core/index.ts';
import type { ImagePorts, ImageSettings } from '../../src/image/index.ts';
import { createFiles, createTools, systemClock } from '../../src/system/index.ts';

/** Real ports of this machine, for tests with loop devices. */
export const realImagePorts = (log: Log = silentLog): ImagePorts => ({
  tools: createTools(log),
  files: createFiles(),
  clock: systemClock,
  log,
});

/** Settings with short times, so that faults show quickly. */
export const testSettings: ImageSettings = {
  connectionTimeoutMs: 2000,
  retries: 3,
  retryIntervalMs: 20,
  maxDurationMs: 0,
  md5Enabled: true,
  permittedFormats: ['raw', 'gpt', 'qcow2', 'iso'],
  deepInspection: true,
  configDriveAsFat: false,
  espMib: 550,
  biosBootMib: 1,
  partitionLooks: 3,
  unpack: 'oci',
  convert: { memoryBytes: 2048 * MiB, attempts: 3 },
  tls: { cafile: null, certfile: null, keyfile: null, insecure: false, minVersion: '1.2', ciphers: null },
  proxies: {},
  server: { strategy: 'noauth', user: null, password: null },
};
