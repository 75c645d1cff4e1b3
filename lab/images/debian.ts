import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../../src/core/index.ts';
import { runCommand } from '../host/index.ts';
import { ImageBuildFailed } from './errors.ts';

export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  /** Folder with the unpacked files of the package. */
  readonly root: string;
}

const field = (text: string, name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1] ?? '';

async function describe(name: string, signal: AbortSignal): Promise<string> {
  const shown = await runCommand('apt-cache', ['show', '--no-all-versions', name], {}, signal).catch((cause) => {
    throw ImageBuildFailed(`package ${name} is not known to apt`, { hint: 'run: apt-get update', cause });
  });
  return shown.stdout;
}

const isFolder = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** Files of a Debian package, unpacked below `cache` and kept there per version; nothing is installed on the host. */
export async function unpackedPackage(
  name: string,
  options: { readonly cache: string; readonly log: Log },
  signal: AbortSignal,
): Promise<DebianPackage> {
  const version = field(await describe(name, signal), 'Version');
  const root = join(options.cache, `${name}_${version.replaceAll(':', '%3a')}`);
  if (await isFolder(root)) return { name, version, root };
  options.log.info('lab.package.download', { name, version });
  await mkdir(options.cache, { recursive: true });
  const work = await mkdtemp(join(options.cache, '.unpack-'));
  try {
    const get = ['-o', 'APT::Sandbox::User=root', 'download', `${name}=${version}`];
    await runCommand('apt-get', get, { cwd: work, timeoutMs: 600_000 }, signal);
    const [file] = await readdir(work);
    if (file === undefined) throw ImageBuildFailed(`apt-get download ${name} brought no file`);
    await runCommand('dpkg-deb', ['-x', join(work, file), join(work, 'root')], { timeoutMs: 300_000 }, signal);
    // Two builders may race: whoever comes second uses the work of the first.
    await rename(join(work, 'root'), root).catch(async (cause) => {
      if (!(await isFolder(root))) throw cause;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return { name, version, root };
}

/** The kernel package that `linux-image-amd64` stands for today. */
export async function kernelPackageName(signal: AbortSignal): Promise<string> {
  const depends = field(await describe('linux-image-amd64', signal), 'Depends');
  const name = /linux-image-[0-9][^ ,]*/.exec(depends)?.[0];
  if (name === undefined) throw ImageBuildFailed(`linux-image-amd64 names no kernel: Depends: ${depends}`);
  return name;
}
