import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Log, reasonOf } from '../../src/core/index.ts';
import { DaemonFailed, HostNotReady } from './errors.ts';
import { type Program, programPackages } from './packages.ts';
import { waitFor, within } from './wait.ts';

export interface DaemonSpec {
  readonly name: string;
  readonly program: Program | { readonly path: string };
  readonly args: readonly string[];
  /** Standard output and error are appended here. */
  readonly logFile: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Polled until true; absent means ready at once. */
  readonly ready?: () => Promise<boolean>;
  readonly readyTimeoutMs?: number;
}

export interface DaemonEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

export interface Daemon {
  readonly pid: number;
  /** Resolves at the end of the process, however it ends. */
  readonly ended: Promise<DaemonEnd>;
  running(): boolean;
  /** SIGTERM, then SIGKILL after `graceMs` (default 3 s). Resolves when it is gone; may be called twice. */
  stop(graceMs?: number): Promise<void>;
}

function endOf(child: ChildProcess): Promise<DaemonEnd> {
  return new Promise((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
    child.once('error', () => resolve({ exitCode: null, signal: null }));
  });
}

async function lastLines(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-8).join('\n');
}

/**
 * Starts a long-lived child that ends with this process, even when this process is killed:
 * the kernel sends SIGKILL to it when its parent dies.
 */
export async function startDaemon(spec: DaemonSpec, log: Log, signal: AbortSignal): Promise<Daemon> {
  signal.throwIfAborted();
  await mkdir(dirname(spec.logFile), { recursive: true });
  const output = await open(spec.logFile, 'a');
  const bin = typeof spec.program === 'string' ? spec.program : spec.program.path;
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', bin, ...spec.args], {
    stdio: ['ignore', output.fd, output.fd],
    env: { ...process.env, LC_ALL: 'C', ...spec.env },
    cwd: spec.cwd,
  });
  // The child has its own copy of the descriptor.
  const end = endOf(child).finally(() => output.close());
  const { pid } = child;
  if (pid === undefined)
    throw HostNotReady('setpriv is not installed', { hint: 'install: apt-get install util-linux' });
  const state = { running: true };
  const finished = end.finally(() => {
    state.running = false;
    log.debug('daemon.end', { name: spec.name, pid });
  });
  log.debug('daemon.start', { name: spec.name, pid, args: spec.args });
  const daemon: Daemon = {
    pid,
    ended: finished,
    running: () => state.running,
    stop: async (graceMs = 3000) => {
      if (state.running) child.kill('SIGTERM');
      await within(finished, { what: `end of ${spec.name}`, timeoutMs: graceMs }).catch(() => child.kill('SIGKILL'));
      await finished;
    },
  };
  await becomeReady(daemon, spec, signal);
  return daemon;
}

async function becomeReady(daemon: Daemon, spec: DaemonSpec, signal: AbortSignal): Promise<void> {
  const { ready } = spec;
  if (ready === undefined) return;
  const probe = async () => {
    if (!daemon.running()) throw await earlyEnd(spec, await daemon.ended);
    return (await ready()) ? true : null;
  };
  try {
    await waitFor(probe, { what: `${spec.name} to become ready`, timeoutMs: spec.readyTimeoutMs ?? 10_000 }, signal);
  } catch (error) {
    await daemon.stop();
    if (DaemonFailed.is(error) || HostNotReady.is(error) || signal.aborted) throw error;
    throw DaemonFailed(`${reasonOf(error)}; log: ${spec.logFile}: ${await lastLines(spec.logFile)}`, { cause: error });
  }
}

async function earlyEnd(spec: DaemonSpec, end: DaemonEnd) {
  const tail = await lastLines(spec.logFile);
  // setpriv itself answers 127 when the program is not there.
  if (end.exitCode === 127 && typeof spec.program === 'string')
    return HostNotReady(`${spec.program} is not installed`, {
      hint: `install: apt-get install ${programPackages[spec.program]}`,
    });
  return DaemonFailed(`${spec.name} ended at once (${end.exitCode ?? end.signal}); log: ${spec.logFile}: ${tail}`);
}
