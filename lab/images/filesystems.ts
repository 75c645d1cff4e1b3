import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runCommand } from '../host/index.ts';
import { setTimes, type TreeFile, writeTree } from './tree.ts';

/** All times in an image are this one: 2024-01-01T00:00:00Z. Equal inputs give equal images. */
const EPOCH = '1704067200';
const fixed = { SOURCE_DATE_EPOCH: EPOCH, E2FSPROGS_FAKE_TIME: EPOCH, TZ: 'UTC' };

export interface Ext4Spec {
  readonly target: string;
  readonly work: string;
  readonly bytes: number;
  readonly uuid: string;
  readonly label: string;
  readonly files: readonly TreeFile[];
  readonly folders: readonly string[];
  /** Link path to its target. */
  readonly links: Readonly<Record<string, string>>;
}

/** An ext4 file system image with these files, without mounting anything. */
export async function buildExt4(spec: Ext4Spec, signal: AbortSignal): Promise<void> {
  const tree = join(spec.work, 'ext4-tree');
  await writeTree(tree, spec.files);
  for (const folder of spec.folders) await mkdir(join(tree, folder), { recursive: true });
  for (const [path, target] of Object.entries(spec.links)) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await symlink(target, join(tree, path));
  }
  await setTimes(tree, Number(EPOCH));
  const extended = `hash_seed=${spec.uuid},lazy_itable_init=0,lazy_journal_init=0,root_owner=0:0`;
  const args = ['-q', '-F', '-t', 'ext4', '-b', '4096', '-m', '0', '-U', spec.uuid, '-L', spec.label];
  const options = { env: fixed, timeoutMs: 300_000 };
  const size = `${spec.bytes / 1024}k`;
  await runCommand('mke2fs', [...args, '-E', extended, '-d', tree, spec.target, size], options, signal);
  await settleTimes(spec, signal);
}

/** `mke2fs -d` copies the change times of the host, which nobody can set; rewrite them in the image. */
async function settleTimes(spec: Ext4Spec, signal: AbortSignal): Promise<void> {
  const names = [...spec.files.map((file) => file.path), ...spec.folders, ...Object.keys(spec.links)];
  const parents = names.flatMap((name) => {
    const parts = name.split('/');
    return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  });
  const paths = ['/', ...[...new Set(parents)].map((path) => `/${path}`)];
  const fields = ['ctime', 'atime', 'mtime', 'crtime'];
  const script = paths.flatMap((path) => [
    ...fields.map((name) => `sif ${path} ${name} @${EPOCH}`),
    ...fields.map((name) => `sif ${path} ${name}_extra 0`),
  ]);
  const path = join(spec.work, 'debugfs.script');
  await writeFile(path, `${script.join('\n')}\n`);
  await runCommand('debugfs', ['-w', '-f', path, spec.target], { env: fixed }, signal);
}

export interface FatSpec {
  readonly target: string;
  readonly work: string;
  readonly bytes: number;
  readonly label: string;
  readonly sectorBytes: 512 | 4096;
  readonly files: readonly TreeFile[];
}

/** A FAT file system image with these files, without mounting anything. */
export async function buildFat(spec: FatSpec, signal: AbortSignal): Promise<void> {
  const tree = join(spec.work, 'fat-tree');
  await writeTree(tree, spec.files);
  await setTimes(tree, Number(EPOCH));
  // FAT16 with clusters of 4 KiB: right from 16 MiB to 256 MiB, and the same in both sector sizes.
  const cluster = ['-F', '16', '-S', String(spec.sectorBytes), '-s', String(4096 / spec.sectorBytes)];
  const make = ['--invariant', ...cluster, '-n', spec.label, '-C', spec.target];
  await runCommand('mkfs.vfat', [...make, String(spec.bytes / 1024)], { env: fixed }, signal);
  const top = (await readdir(tree)).map((name) => join(tree, name));
  // Checks of mtools know classic geometries only and refuse sectors of 4096 bytes.
  const env = { ...fixed, MTOOLS_SKIP_CHECK: '1' };
  await runCommand('mcopy', ['-s', '-m', '-i', spec.target, ...top, '::/'], { env }, signal);
}
