import { mkdir, rm, writeFile } from 'node:fs/promises';
import type { Log } from '../../src/core/index.ts';
import { IronicRefused } from './errors.ts';
import { type InspectorSettings, inspectorConf, ramdiskLogs } from './inspector-settings.ts';
import { makeDatabase, startService } from './program.ts';

export interface Inspector {
  readonly logFile: string;
  /** Folder of the archives that the ramdisk sent as `logs`. */
  readonly ramdiskLogs: string;
  /** What the agent posted, as it was stored before any hook; without the logs. @throws IronicRefused */
  data(uuid: string): Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts a real ironic-inspector with an empty database. Needs the private network. */
export async function startInspector(settings: InspectorSettings, log: Log, signal: AbortSignal): Promise<Inspector> {
  const { directory, address, port } = settings;
  const url = `http://${address}:${port}`;
  await mkdir(ramdiskLogs(directory), { recursive: true });
  await rm(`${directory}/inspector.sqlite`, { force: true });
  const confFile = `${directory}/inspector.conf`;
  await writeFile(confFile, inspectorConf(settings), { mode: 0o600 });
  await makeDatabase('ironic-inspector-dbsync', ['--config-file', confFile, 'upgrade'], signal);
  const logFile = `${directory}/inspector.log`;
  const daemon = await startService({ program: 'ironic-inspector', confFile, url, directory, logFile }, log, signal);
  return {
    logFile,
    ramdiskLogs: ramdiskLogs(directory),
    data: async (uuid) => {
      const path = `/v1/introspection/${uuid}/data/unprocessed`;
      const response = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(60_000) });
      if (response.ok) return response.json();
      throw IronicRefused(`inspector: GET ${path}: status ${response.status}: ${await response.text()}`);
    },
    stop: () => daemon.stop(20_000),
  };
}
