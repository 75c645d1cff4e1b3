import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { type Log, reasonOf } from '../../src/core/index.ts';
import { DaemonFailed, HostNotReady, startDaemon } from '../host/index.ts';
import { type IronicSettings, ironicConf, ironicFolders } from './settings.ts';

export interface Ironic {
  readonly apiUrl: string;
  readonly logFile: string;
  stop(): Promise<void>;
}

const PACKAGES = 'ironic-api ironic-conductor python3-ironicclient python3-openstackclient python3-pyghmi';

/** An empty SQLite file knows `create_schema` only; `upgrade` fails on it. */
async function createSchema(confFile: string, signal: AbortSignal): Promise<void> {
  const args = ['--config-file', confFile, 'create_schema'];
  const result = await execa('ironic-dbsync', args, {
    reject: false,
    timeout: 120_000,
    all: true,
    cancelSignal: signal,
  });
  if (result.isCanceled) throw signal.reason;
  if (result.code === 'ENOENT')
    throw HostNotReady('Ironic is not installed', {
      hint: `install: apt-get install --no-install-recommends ${PACKAGES}`,
    });
  if (result.exitCode !== 0) throw DaemonFailed(`ironic-dbsync create_schema: ${result.all.slice(-2000)}`);
}

const answers = (url: string) =>
  fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
    (response) => response.ok,
    () => false,
  );

/** Ironic explains itself in its log only. */
async function lastError(logFile: string): Promise<string> {
  const lines = (await readFile(logFile, 'utf8').catch(() => '')).trimEnd().split('\n');
  const found = lines.filter((line) => / ERROR .*(Error|Exception)/.test(line)).at(-1);
  return found === undefined ? '' : `; ${logFile}: ${found.slice(0, 500)}`;
}

/** Starts API and conductor of a real Ironic in one process, with an empty database. Needs the private network. */
export async function startIronic(settings: IronicSettings, log: Log, signal: AbortSignal): Promise<Ironic> {
  const { directory } = settings;
  const apiUrl = `http://${settings.address}:${settings.port}`;
  // The API shares its port: one that survived would answer beside the new one.
  if (await answers(apiUrl)) throw DaemonFailed(`another Ironic answers at ${apiUrl}`, { hint: 'end it first' });
  await rm(`${directory}/ironic.sqlite`, { force: true });
  for (const folder of [settings.httpRoot, ...ironicFolders(directory)]) await mkdir(folder, { recursive: true });
  const confFile = `${directory}/ironic.conf`;
  await writeFile(confFile, ironicConf(settings), { mode: 0o600 });
  await createSchema(confFile, signal);
  const spec = {
    name: 'ironic',
    program: { path: 'ironic' },
    args: ['--config-file', confFile],
    logFile: `${directory}/ironic.out`,
    ready: () => answers(apiUrl),
    readyTimeoutMs: 90_000,
  };
  const logFile = `${directory}/ironic.log`;
  const daemon = await startDaemon(spec, log, signal).catch(async (error: unknown) => {
    throw DaemonFailed(`${reasonOf(error)}${await lastError(logFile)}`, { cause: error });
  });
  return { apiUrl, logFile, stop: () => daemon.stop(20_000) };
}
