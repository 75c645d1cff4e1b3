import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBmc } from '../../lab/ironic/index.ts';
import { silentLog } from '../../src/core/index.ts';

const run = promisify(execFile);
const server = { on: false, history: [] as string[] };
const chassis = {
  state: () => (server.on ? ('on' as const) : ('off' as const)),
  powerOn: async (from: string) => {
    server.on = true;
    server.history.push(`on from ${from}`);
  },
  powerOff: async (how: string) => {
    server.on = false;
    server.history.push(`off ${how}`);
  },
};
const closing: (() => Promise<unknown>)[] = [];
let port = 0;

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'lab-bmc-'));
  closing.push(() => rm(directory, { recursive: true }));
  port = await freeUdpPort();
  const settings = { directory, address: '127.0.0.1', port, user: 'admin', password: 'secret-1' };
  const bmc = await startBmc(settings, chassis, silentLog, AbortSignal.timeout(50_000));
  closing.push(bmc.stop);
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

async function ipmi(...command: string[]): Promise<string> {
  const login = ['-I', 'lanplus', '-H', '127.0.0.1', '-p', String(port), '-U', 'admin', '-P', 'secret-1'];
  const limits = ['-R', '12', '-N', '1'];
  return (await run('ipmitool', [...login, ...limits, ...command], { timeout: 30_000 })).stdout;
}

it('lets a conductor control power and boot device by IPMI over LAN', async () => {
  expect(await ipmi('power', 'status')).toContain('is off');
  await ipmi('chassis', 'bootdev', 'pxe');
  expect(await ipmi('chassis', 'bootparam', 'get', '5')).toContain('Force PXE');
  await ipmi('power', 'on');
  expect(await ipmi('power', 'status')).toContain('is on');
  await ipmi('chassis', 'bootdev', 'disk');
  await ipmi('power', 'cycle');
  await ipmi('power', 'soft');
  expect(await ipmi('power', 'status')).toContain('is off');
  expect(server.history).toEqual(['on from network', 'off hard', 'on from disk', 'off soft']);
});
