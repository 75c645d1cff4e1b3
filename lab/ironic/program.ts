import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { type Log, reasonOf } from '../../src/core/index.ts';
import { type Daemon, DaemonFailed, HostNotReady, startDaemon } from '../host/index.ts';

/** Debian packages of the real services, for the hint of an error. */
const PACKAGES =
  'ironic-api ironic-conductor python3-ironic-inspector python3-ironicclient python3-openstackclient python3-pyghmi';

/** Runs `<service>-dbsync` to its end. @throws HostNotReady when it is not installed */
export async function makeDatabase(command: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  const result = await execa(command, args, { reject: false, timeout: 120_000, all: true, cancelSignal: signal });
  if (result.isCanceled) throw signal.reason;
  if (result.code === 'ENOENT')
    throw HostNotReady(`${command} is not installed`, {
      hint: `install: apt-get install --no-install-recommends ${PACKAGES}`,
    });
  if (result.exitCode !== 0) throw DaemonFailed(`${command} ${args.join(' ')}: ${result.all.slice(-2000)}`);
}

export const answers = (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
    (response) => response.ok,
    () => false,
  );

/** These services explain themselves in their logs only. */
async function lastError(logFile: string): Promise<string> {
  const lines = (await readFile(logFile, 'utf8').catch(() => '')).trimEnd().split('\n');
  const found = lines.filter((line) => / (ERROR|CRITICAL) .*(Error|Exception)/.test(line)).at(-1);
  return found === undefined ? '' : `; ${logFile}: ${found.slice(0, 500)}`;
}

export interface ServiceSpec {
  readonly program: 'ironic' | 'ironic-inspector';
  readonly confFile: string;
  readonly url: string;
  readonly directory: string;
  readonly logFile: string;
}

/** Starts one OpenStack service and waits until its API answers. */
export async function startService(spec: ServiceSpec, log: Log, signal: AbortSignal): Promise<Daemon> {
  const daemon = {
    name: spec.program,
    program: { path: spec.program },
    args: ['--config-file', spec.confFile],
    logFile: `${spec.directory}/${spec.program}.out`,
    ready: () => answers(spec.url),
    readyTimeoutMs: 90_000,
  };
  return startDaemon(daemon, log, signal).catch(async (error: unknown) => {
    throw DaemonFailed(`${reasonOf(error)}${await lastError(spec.logFile)}`, { cause: error });
  });
}
