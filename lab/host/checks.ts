import { constants } from 'node:fs';
import { access, mkdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { formatBytes } from '../../src/core/index.ts';
import { HostNotReady } from './errors.ts';
import { type Program, programPackages } from './packages.ts';

const exists = (path: string, mode = constants.F_OK) =>
  access(path, mode).then(
    () => true,
    () => false,
  );

async function onPath(program: string): Promise<boolean> {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  const found = await Promise.all(folders.map((folder) => exists(join(folder, program), constants.X_OK)));
  return found.includes(true);
}

/** One error for everything that is missing, with the one command that mends it. */
export async function requirePrograms(programs: readonly Program[]): Promise<void> {
  const present = await Promise.all(programs.map(onPath));
  const absent = programs.filter((_, index) => present[index] === false);
  if (absent.length === 0) return;
  const packages = [...new Set(absent.map((program) => programPackages[program]))].join(' ');
  throw HostNotReady(`not installed: ${absent.join(', ')}`, { hint: `install: apt-get install ${packages}` });
}

/** `files` maps a path to the Debian package that brings it. */
export async function requireFiles(files: Readonly<Record<string, string>>): Promise<void> {
  const paths = Object.keys(files);
  const present = await Promise.all(paths.map((path) => exists(path)));
  const absent = paths.filter((_, index) => present[index] === false);
  if (absent.length === 0) return;
  const packages = [...new Set(absent.map((path) => files[path]))].join(' ');
  throw HostNotReady(`missing: ${absent.join(', ')}`, { hint: `install: apt-get install ${packages}` });
}

export function requireRoot(): void {
  if (process.getuid?.() === 0) return;
  throw HostNotReady('the lab needs root for its network namespace and taps', { hint: 'run it with sudo' });
}

/** Creates `directory` and refuses when its file system has less than `bytes` free. */
export async function requireFreeSpace(directory: string, bytes: number): Promise<void> {
  await mkdir(directory, { recursive: true });
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  if (free >= bytes) return;
  throw HostNotReady(`${directory} has ${formatBytes(free)} free, ${formatBytes(bytes)} are needed`, {
    hint: 'free some space or choose another work directory',
  });
}
