import { copyFile, mkdir, mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Log, MiB, reasonOf } from '../../src/core/index.ts';
import { type Accelerator, type Daemon, requireFiles, startDaemon, waitFor, within } from '../host/index.ts';
import { type MachinePaths, qemuArguments } from './arguments.ts';
import { bootDisks } from './boot-disks.ts';
import { InvalidMachine, MachineFailed } from './errors.ts';
import { connectQmp, connectUnix, type Qmp } from './qmp.ts';
import { createSerial, type Serial } from './serial.ts';
import { type BootSource, type MachineSpec, requireBootSource, requireMachine } from './spec.ts';

export interface MachineOptions {
  /** Blank disks, UEFI variables and logs of this machine; kept over power cycles and over processes. */
  readonly directory: string;
  readonly log: Log;
  readonly accelerator: Accelerator;
}

/** A virtual server. Disks and UEFI variables outlive its power cycles. */
export interface Machine {
  readonly spec: MachineSpec;
  /** The guest starts; a machine that is on is an error. */
  powerOn(boot: BootSource): Promise<void>;
  /** `soft` presses the power button and falls back to `hard` after a minute. Nothing happens when it is off. */
  powerOff(mode: 'soft' | 'hard'): Promise<void>;
  /** The reset button. */
  reset(): Promise<void>;
  state(): 'on' | 'off';
  /** File with all serial output of all power cycles. */
  readonly serialPath: string;
  readonly serial: Serial;
  /** First line since power-on, past or coming, that fits; unfinished lines count (prompts). */
  waitForSerial(pattern: RegExp, timeoutMs: number, signal: AbortSignal): Promise<RegExpMatchArray>;
  /** Each finished serial line from now on. Returns how to stop. */
  onSerialLine(listener: (line: string) => void): () => void;
  screenshot(pngPath: string): Promise<void>;
  /** File of the disk with this name. */
  diskPath(name: string): string;
  /** Resolves when the machine is off, by itself or by order. */
  whenOff(timeoutMs: number, signal: AbortSignal): Promise<void>;
  /** Power off and remove sockets; the files in the directory stay. */
  dispose(): Promise<void>;
}

const OVMF = '/usr/share/OVMF';
const SOFT_OFF_MS = 60_000;

interface Power {
  readonly daemon: Daemon;
  readonly qmp: Qmp;
}

async function blankDisk(path: string, sizeMiB: number): Promise<void> {
  const file = await open(path, 'a');
  try {
    await file.truncate(sizeMiB * MiB);
  } finally {
    await file.close();
  }
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

async function prepare(spec: MachineSpec, options: MachineOptions): Promise<MachinePaths> {
  const { directory, accelerator } = options;
  await mkdir(directory, { recursive: true });
  const disks = Object.fromEntries(
    spec.disks.map((disk) => [disk.name, disk.path ?? join(directory, `${disk.name}.raw`)]),
  );
  for (const disk of spec.disks) {
    const path = disks[disk.name];
    if (path !== undefined && disk.path === undefined) await blankDisk(path, disk.sizeMiB);
    else if (path === undefined || !(await exists(path))) throw InvalidMachine(`disk ${disk.name}: no file ${path}`);
  }
  const firmwareCode = join(OVMF, 'OVMF_CODE_4M.fd');
  const firmwareVars = join(directory, 'uefi-vars.fd');
  if (spec.firmware === 'uefi') {
    await requireFiles({ [firmwareCode]: 'ovmf' });
    if (!(await exists(firmwareVars))) await copyFile(join(OVMF, 'OVMF_VARS_4M.fd'), firmwareVars);
  }
  // A path of a socket has at most 107 characters: work directories may be longer.
  const sockets = await mkdtemp(join(tmpdir(), 'lab-vm-'));
  return {
    ...{ accelerator, disks, firmwareCode, firmwareVars },
    qmpSocket: join(sockets, 'qmp'),
    serialSocket: join(sockets, 'serial'),
    serialLog: join(directory, 'serial.log'),
    bootDisks: [],
  };
}

/** Starts QEMU stopped, joins both channels, then lets the guest run: no byte of its output is missed. */
async function start(spec: MachineSpec, paths: MachinePaths, boot: BootSource, parts: Parts): Promise<Power> {
  const { log, directory, serial, signal } = parts;
  const daemon = await startDaemon(
    {
      name: `qemu-${spec.name}`,
      program: 'qemu-system-x86_64',
      args: qemuArguments(spec, boot, {
        ...paths,
        bootDisks: await bootDisks(spec, paths.disks, paths.firmwareVars),
      }),
      logFile: join(directory, 'qemu.log'),
      ready: () => exists(paths.qmpSocket),
    },
    log,
    signal,
  );
  try {
    const attempt = () => connectUnix(paths.serialSocket).catch(() => null);
    serial.attach(await waitFor(attempt, { what: 'the serial port of QEMU', timeoutMs: 5000 }, signal));
    const control = () => connectQmp(paths.qmpSocket).catch(() => null);
    const qmp = await waitFor(control, { what: 'the control channel of QEMU', timeoutMs: 10_000 }, signal);
    await qmp.execute('cont');
    return { daemon, qmp };
  } catch (error) {
    await daemon.stop();
    throw MachineFailed(`${spec.name} did not start: ${reasonOf(error)}; log: ${join(directory, 'qemu.log')}`, {
      cause: error,
    });
  }
}

interface Parts {
  readonly log: Log;
  readonly directory: string;
  readonly serial: Serial;
  readonly signal: AbortSignal;
}

async function softOff(power: Power, name: string, log: Log): Promise<void> {
  await power.qmp.execute('system_powerdown').catch(() => undefined);
  const wait = { what: `${name} to react to its power button`, timeoutMs: SOFT_OFF_MS };
  await within(power.daemon.ended, wait).catch(() => log.warn('lab.machine.soft-off-ignored', { machine: name }));
}

export async function createMachine(spec: MachineSpec, options: MachineOptions): Promise<Machine> {
  requireMachine(spec);
  const paths = await prepare(spec, options);
  const { log, directory } = options;
  const serial = createSerial();
  const disposal = new AbortController();
  const state: { power: Power | null; starting: boolean } = { power: null, starting: false };
  const running = () => (state.power?.daemon.running() === true ? state.power : null);
  const machine: Machine = {
    ...{ spec, serial, serialPath: paths.serialLog, onSerialLine: serial.onLine },
    state: () => (running() === null ? 'off' : 'on'),
    powerOn: async (boot) => {
      requireBootSource(spec, boot);
      if (running() !== null || state.starting) throw MachineFailed(`${spec.name} is on already`);
      state.starting = true;
      try {
        log.info('lab.machine.on', { machine: spec.name, boot });
        state.power = await start(spec, paths, boot, { log, directory, serial, signal: disposal.signal });
      } finally {
        state.starting = false;
      }
      void state.power.daemon.ended.then(() => log.info('lab.machine.off', { machine: spec.name }));
    },
    powerOff: async (mode) => {
      const power = running();
      if (power === null) return;
      if (mode === 'soft') await softOff(power, spec.name, log);
      await power.daemon.stop();
    },
    reset: async () => void (await requireOn(running(), spec).qmp.execute('system_reset')),
    waitForSerial: (pattern, timeoutMs, signal) => serial.waitFor(pattern, { timeoutMs, machine: spec.name }, signal),
    screenshot: async (filename) =>
      void (await requireOn(running(), spec).qmp.execute('screendump', { filename, format: 'png' })),
    diskPath: (name) => {
      const path = paths.disks[name];
      if (path === undefined) throw InvalidMachine(`${spec.name} has no disk ${name}`);
      return path;
    },
    whenOff: async (timeoutMs, signal) => {
      const power = running();
      if (power !== null) await within(power.daemon.ended, { what: `${spec.name} to turn off`, timeoutMs }, signal);
    },
    dispose: async () => {
      disposal.abort(MachineFailed(`${spec.name} is being taken away`));
      await running()?.daemon.stop();
      await rm(join(paths.qmpSocket, '..'), { recursive: true, force: true });
    },
  };
  return machine;
}

function requireOn(power: Power | null, spec: MachineSpec): Power {
  if (power === null) throw MachineFailed(`${spec.name} is off`);
  return power;
}
