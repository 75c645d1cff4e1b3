import { createSecrets, type Secrets } from '../../src/core/index.ts';
import type { ApiSettings, IronicPorts } from '../../src/ironic/index.ts';
import { type ClientTls, createFiles, createJsonHttp, createLog, createTools } from '../../src/system/index.ts';
import { createFakeClock, type FakeClock, type FakeClockOptions } from './fake-clock.ts';

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
