import { mkdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Static, Type } from 'typebox';
import { type Log, parse, reasonOf } from '../../src/core/index.ts';
import { startDaemon } from '../host/index.ts';

/** What the BMC may do with the server. */
export interface Chassis {
  state(): 'on' | 'off' | Promise<'on' | 'off'>;
  powerOn(from: 'network' | 'disk'): Promise<void>;
  powerOff(how: 'soft' | 'hard'): Promise<void>;
}

export interface BmcSettings {
  readonly directory: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

const Request = Type.Object({
  do: Type.Union([
    Type.Literal('power_state'),
    Type.Literal('power_on'),
    Type.Literal('power_off'),
    Type.Literal('power_cycle'),
    Type.Literal('power_shutdown'),
    Type.Literal('get_boot_device'),
    Type.Literal('set_boot_device'),
  ]),
  device: Type.Optional(Type.String()),
});
type Request = Static<typeof Request>;

/** Debian's own interpreter: another `python3` earlier in PATH has no pyghmi. */
const PYTHON = '/usr/bin/python3';

/**
 * Answers the shim. As on real hardware a power command is accepted at once and carried out in order;
 * the conductor then polls the power state.
 */
function createDesk(chassis: Chassis, log: Log): (request: Request) => Promise<string | null> {
  const state = { bootDevice: 'network', work: Promise.resolve() };
  const queue = (what: string, work: () => Promise<void>) => {
    log.debug('bmc.command', { what, bootDevice: state.bootDevice });
    state.work = state.work.then(work).catch((error: unknown) => {
      log.error('bmc.command.failed', { what, reason: reasonOf(error) });
    });
    return null;
  };
  const on = () => chassis.powerOn(state.bootDevice === 'network' ? 'network' : 'disk');
  return async (request) => {
    if (request.do === 'power_state') return chassis.state();
    if (request.do === 'get_boot_device') return state.bootDevice;
    if (request.do === 'set_boot_device') {
      state.bootDevice = request.device ?? 'default';
      log.debug('bmc.boot_device', { device: state.bootDevice });
      return null;
    }
    return queue(request.do, async () => {
      if (request.do === 'power_shutdown') return chassis.powerOff('soft');
      if (request.do !== 'power_on') await chassis.powerOff('hard');
      if (request.do !== 'power_off' && (await chassis.state()) === 'off') await on();
    });
  };
}

function listen(path: string, answer: (request: Request) => Promise<string | null>): Promise<Server> {
  const server = createServer((client) => {
    const reply = (body: object) => client.end(`${JSON.stringify(body)}\n`);
    client.on('error', () => client.destroy());
    createInterface({ input: client }).once('line', (line) => {
      Promise.resolve()
        .then(() => answer(parse(Request, JSON.parse(line), 'request of the BMC shim')))
        .then((value) => reply({ value }))
        .catch((error: unknown) => reply({ error: reasonOf(error) }));
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve(server));
  });
}

/** A BMC for IPMI 2.0 over LAN (RMCP+) on UDP `port`. */
export async function startBmc(settings: BmcSettings, chassis: Chassis, log: Log, signal: AbortSignal) {
  await mkdir(settings.directory, { recursive: true });
  const socket = join(settings.directory, 'bmc.sock');
  await rm(socket, { force: true });
  const server = await listen(socket, createDesk(chassis, log));
  const script = join(import.meta.dirname, 'bmc.py');
  const args = [script, settings.address, String(settings.port), settings.user, settings.password, socket];
  const logFile = join(settings.directory, 'bmc.log');
  const daemon = await startDaemon({ name: 'bmc', program: { path: PYTHON }, args, logFile }, log, signal);
  return {
    stop: async () => {
      await daemon.stop();
      server.close();
    },
  };
}
