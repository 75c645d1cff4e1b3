import { join } from 'node:path';
import { KiB } from '../../core/index.ts';
import type { Files } from '../../system/index.ts';
import { VirtualMediaBootFailed } from '../errors.ts';
import { isPresent } from './present.ts';
import { textOf } from './text.ts';

const NAME = 'parameters.txt';
/** Thirty times what fits on a kernel command line. */
const MAX_BYTES = 64 * KiB;

/** Text of `parameters.txt` in the root of a medium; null when there is no such file. @throws VirtualMediaBootError */
export async function readParameters(files: Files, root: string, device: string): Promise<string | null> {
  const path = join(root, NAME);
  if (!(await isPresent(files, root, NAME))) return null;
  const named = `${NAME} on ${device}`;
  if ((await files.kind(path)) !== 'file') throw VirtualMediaBootFailed(`${named} is not a file`);
  if ((await files.link(path)) !== null) throw VirtualMediaBootFailed(`${named} is a symbolic link`);
  const bytes = await files.head(path, MAX_BYTES + 1);
  if (bytes.byteLength > MAX_BYTES) throw VirtualMediaBootFailed(`${named} is larger than ${MAX_BYTES / KiB} KiB`);
  const text = textOf(bytes);
  if (text === null) throw VirtualMediaBootFailed(`${named} is not text`);
  return text;
}
