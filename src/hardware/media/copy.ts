import { join } from 'node:path';
import { MiB } from '../../core/index.ts';
import type { Files } from '../../system/index.ts';
import { VirtualMediaBootFailed } from '../errors.ts';
import { isPresent } from './present.ts';
import { textOf } from './text.ts';

/** Folders in `etc` of a medium that are copied to those of the same name in the ramdisk. */
const FOLDERS = ['ironic-python-agent', 'ironic-python-agent.d'];

/** Entries are counted, not files: links to folders may lead in circles. */
const LIMITS = { entries: 256, depth: 8, fileBytes: 4 * MiB, allBytes: 16 * MiB } as const;

export interface MediumFile {
  /** Absolute, in the ramdisk. */
  readonly to: string;
  readonly data: Uint8Array;
}

/** State of one reading; lives as long as one call. */
interface Reading {
  readonly files: Files;
  readonly root: string;
  readonly device: string;
  readonly found: MediumFile[];
  entries: number;
  bytes: number;
}

const refuse = ({ device }: Reading, path: string, why: string) =>
  VirtualMediaBootFailed(`${path} on ${device} ${why}`, { hint: 'nothing was copied; correct the medium' });

/** The real path, which must not leave the medium. */
async function insideOf(reading: Reading, path: string): Promise<string> {
  const real = await reading.files.real(join(reading.root, path));
  if (real === null) throw refuse(reading, path, 'is a link to nothing, or cannot be read');
  if (!real.startsWith(`${reading.root}/`)) throw refuse(reading, path, 'is a link that leaves the medium');
  return real;
}

async function readFile(reading: Reading, path: string, real: string): Promise<void> {
  const data = await reading.files.head(real, LIMITS.fileBytes + 1);
  if (data.byteLength > LIMITS.fileBytes) throw refuse(reading, path, `is larger than ${LIMITS.fileBytes / MiB} MiB`);
  if (path.endsWith('.conf') && textOf(data) === null) throw refuse(reading, path, 'is not text');
  reading.bytes += data.byteLength;
  reading.found.push({ to: `/${path}`, data });
  if (reading.bytes > LIMITS.allBytes) throw refuse(reading, path, `makes more than ${LIMITS.allBytes / MiB} MiB`);
}

async function readEntry(reading: Reading, path: string, depth: number): Promise<void> {
  reading.entries += 1;
  if (reading.entries > LIMITS.entries) throw refuse(reading, path, `is one entry more than ${LIMITS.entries}`);
  const real = await insideOf(reading, path);
  const kind = await reading.files.kind(real);
  if (kind === 'file') return readFile(reading, path, real);
  if (kind !== 'dir') throw refuse(reading, path, 'is neither a file nor a folder');
  if (depth === LIMITS.depth) throw refuse(reading, path, `is nested deeper than ${LIMITS.depth} folders`);
  for (const name of await reading.files.names(real)) await readEntry(reading, `${path}/${name}`, depth + 1);
}

/**
 * The configuration files of a mounted medium, all in memory: either every one can be taken over or none is.
 * @throws VirtualMediaBootError for a file that is too large, a device node, a link that leaves the medium, ...
 */
export async function readConfigurationFiles(
  files: Files,
  mountPoint: string,
  device: string,
): Promise<readonly MediumFile[]> {
  const root = (await files.real(mountPoint)) ?? mountPoint;
  const reading: Reading = { files, root, device, found: [], entries: 0, bytes: 0 };
  if (!(await isPresent(files, root, 'etc'))) return [];
  const etc = await insideOf(reading, 'etc');
  for (const folder of FOLDERS) if (await isPresent(files, etc, folder)) await readEntry(reading, `etc/${folder}`, 0);
  return reading.found;
}
