import { mkdir, rm, writeFile } from 'node:fs/promises';
import type { Log } from '../../src/core/index.ts';
import { DaemonFailed } from '../host/index.ts';
import { answers, makeDatabase, startService } from './program.ts';
import { type IronicSettings, ironicConf, ironicFolders } from './settings.ts';

export interface Ironic {
  readonly apiUrl: string;
  readonly logFile: string;
  stop(): Promise<void>;
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
  // An empty SQLite file knows `create_schema` only; `upgrade` fails on it.
  await makeDatabase('ironic-dbsync', ['--config-file', confFile, 'create_schema'], signal);
  const logFile = `${directory}/ironic.log`;
  const daemon = await startService({ program: 'ironic', confFile, url: apiUrl, directory, logFile }, log, signal);
  return { apiUrl, logFile, stop: () => daemon.stop(20_000) };
}
