import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { runCommand } from '../host/index.ts';
import { writeTree } from './tree.ts';

export interface ConfigDriveSpec {
  readonly hostname: string;
  readonly uuid: string;
  readonly userData?: string;
}

/** An ISO 9660 file system labelled config-2 in OpenStack's layout. */
export async function configDriveIso(spec: ConfigDriveSpec, signal: AbortSignal): Promise<Uint8Array> {
  const work = await mkdtemp(join(tmpdir(), 'lab-config-drive-'));
  const tree = join(work, 'tree');
  const target = join(work, 'config.iso');
  const metaData = { uuid: spec.uuid, hostname: spec.hostname, name: spec.hostname };
  const latest = 'openstack/latest';
  try {
    await writeTree(tree, [
      { path: `${latest}/meta_data.json`, data: JSON.stringify(metaData) },
      { path: `${latest}/network_data.json`, data: JSON.stringify({ links: [], networks: [], services: [] }) },
      { path: `${latest}/vendor_data.json`, data: '{}' },
      ...(spec.userData === undefined ? [] : [{ path: `${latest}/user_data`, data: spec.userData }]),
    ]);
    const args = ['-as', 'mkisofs', '-quiet', '-r', '-J', '-V', 'config-2', '-o', target, tree];
    await runCommand('xorriso', args, {}, signal);
    return await readFile(target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The config drive as Ironic hands it to the agent: the ISO, gzip, base64. */
export async function makeConfigDrive(spec: ConfigDriveSpec, signal: AbortSignal): Promise<string> {
  return gzipSync(await configDriveIso(spec, signal)).toString('base64');
}
