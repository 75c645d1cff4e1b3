import { createSecrets, type Secrets } from '../../src/core/index.ts';
import type { ApiSettings, HeartbeatSettings, IronicPorts, LookupSettings } from '../../src/ironic/index.ts';
import { type ClientTls, createFiles, createJsonHttp, createLog, createTools } from '../../src/system/index.ts';
import { createFakeClock, type FakeClock, type FakeClockOptions } from './fake-clock.ts';
import { NODE_UUID, TOKEN } from './scripted-conductor.ts';

export const plainTls: ClientTls = {
  cafile: null,
  certfile: null,
  keyfile: null,
  insecure: false,
  minVersion: '1.2',
  ciphers: null,
};

export const apiSettings = (urls: readonly string[], more: Partial<ApiSettings> = {}): ApiSettings => ({
  urls,
  version: null,
  requestTimeoutMs: 2000,
  globalRequestId: null,
  tls: plainTls,
  ...more,
});

/** A patient lookup by the addresses of two NICs. */
export const lookupSettings: LookupSettings = {
  macs: ['52:54:00:aa:bb:01', '52:54:00:aa:bb:02'],
  nodeUuid: null,
  timeoutMs: 600_000,
  intervalMs: 1000,
  knownToken: null,
};

/** Of an agent that a scripted conductor knows, every five minutes. */
export const heartbeatSettings: HeartbeatSettings = {
  nodeUuid: NODE_UUID,
  callbackUrl: 'https://192.0.2.9:9999',
  token: TOKEN,
  agentVersion: '12.1.0',
  certificatePem: null,
  intervalMs: 300_000,
};

export interface IronicKit {
  readonly ports: IronicPorts;
  readonly clock: FakeClock;
  readonly secrets: Secrets;
  /** Every log line so far, as the journal would show it. */
  readonly lines: readonly string[];
}

/** The real ports of the conductor's client, with time in the test's hand and the log kept. */
export function ironicKit(options: FakeClockOptions = {}): IronicKit {
  const clock = createFakeClock(options);
  const secrets = createSecrets();
  const lines: string[] = [];
  const log = createLog({
    debug: true,
    format: 'text',
    secrets,
    destination: { write: (line: string) => void lines.push(line) },
  });
  const files = createFiles();
  return { ports: { tools: createTools(log), files, clock, log, http: createJsonHttp(files) }, clock, secrets, lines };
}
