import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTimekeeper } from '../../src/ironic/index.ts';
import { setSystemTime, type Tools } from '../../src/system/index.ts';
import { type DatedCertificate, datedCertificate } from '../kit/dated-certificate.ts';
import { ironicKit, plainTls } from '../kit/ironic-ports.ts';

const DAY = 86_400_000;
const { signal } = new AbortController();
const dir = mkdtempSync('/tmp/clock-');
const cafile = join(dir, 'trusted.pem');
let valid: DatedCertificate;
let young: DatedCertificate;
let expired: DatedCertificate;
let server: Server;

beforeAll(() => {
  valid = datedCertificate(dir, -1, 9);
  young = datedCertificate(dir, 5, 9);
  expired = datedCertificate(dir, -9, -5);
  writeFileSync(cafile, [valid, young, expired].map(({ cert }) => cert).join(''));
  return () => rmSync(dir, { recursive: true });
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** `days`: how far the server's clock is ahead of ours. */
async function serve(first: DatedCertificate, days: number): Promise<string> {
  server = createServer(first, (_request, response) => {
    response.writeHead(200, { date: new Date(Date.now() + days * DAY).toUTCString() }).end('{}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return `https://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

/** Setting the system time is played by giving the server a certificate that fits the clock of this machine. */
function client(enabled: boolean) {
  const kit = ironicKit();
  const set: number[] = [];
  const tools: Tools = {
    run: async (tool, input, stop) => {
      if (tool.bin !== setSystemTime.bin) return kit.ports.tools.run(tool, input, stop);
      set.push(Number(/@(\d+)/.exec(tool.argv(input).join(' '))?.[1]) * 1000);
      server.setSecureContext(valid);
      return tool.parse({ exitCode: 0, stdout: '', stderr: '', bytes: new Uint8Array() }, input);
    },
  };
  const ports = { ...kit.ports, tools, clock: { ...kit.ports.clock, now: () => Date.now() } };
  const http = createTimekeeper(ports, { enabled, toleranceMs: 3_600_000 });
  const get = (url: string) =>
    http.send({ method: 'GET', url, headers: {}, timeoutMs: 5000, tls: { ...plainTls, cafile } }, signal);
  return { get, set, log: () => kit.lines.join('') };
}

describe('a wrong clock of this machine', () => {
  it('is set by the conductor when its certificate seems too young, then the request is made again', async () => {
    const url = await serve(young, 6);
    const { get, set, log } = client(true);
    expect(await get(url)).toMatchObject({ status: 200 });
    expect(set).toHaveLength(1);
    expect(Math.abs((set[0] ?? 0) - Date.now() - 6 * DAY)).toBeLessThan(60_000);
    expect(log()).toMatch(/clock\.corrected.*this machine's clock says.*set ntp_server/);
  });

  it('is named, and left alone, when the operator does not allow it', async () => {
    const url = await serve(young, 6);
    const { get, set } = client(false);
    await expect(get(url)).rejects.toThrow(/outside its validity time.*the server's .*clock_from_conductor is off/);
    expect(set).toEqual([]);
  });

  it('is not blamed when both clocks agree and the certificate has really expired', async () => {
    const url = await serve(expired, 0);
    const { get, set } = client(true);
    await expect(get(url)).rejects.toThrow(/was not corrected: both clocks agree/);
    expect(set).toEqual([]);
  });

  it('is corrected before the conductor would refuse a certificate of ours, and once only', async () => {
    const url = await serve(valid, 2);
    const { get, set } = client(true);
    for (let round = 0; round < 3; round += 1) expect(await get(url)).toMatchObject({ status: 200 });
    expect(set).toHaveLength(1);
  });

  it('does not follow a server that lives in the past', async () => {
    const url = await serve(valid, -4000);
    const { get, set, log } = client(true);
    expect(await get(url)).toMatchObject({ status: 200 });
    expect(set).toEqual([]);
    expect(log()).toMatch(/clock\.differs.*is before/);
  });
});
