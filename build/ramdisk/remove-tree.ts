import { existsSync, readFileSync, rmSync } from 'node:fs';
import { BuildFailed } from '../kit/index.ts';

/** Paths in /proc/mounts write blanks as \040 and so on. */
const unescaped = (path: string) =>
  path.replace(/\\([0-7]{3})/g, (_whole, code: string) => String.fromCharCode(Number.parseInt(code, 8)));

/** Mount points at or below `folder`, from the text of /proc/mounts. */
export function mountsBelow(folder: string, mounts: string): readonly string[] {
  return mounts
    .split('\n')
    .map((line) => unescaped(line.split(' ')[1] ?? ''))
    .filter((point) => point === folder || point.startsWith(`${folder}/`));
}

/**
 * Deletes a work folder, but never through a mount: that would empty what is mounted, the machine's own /dev for
 * instance. `mounts` is the text of /proc/mounts.
 */
export function removeTree(folder: string, mounts = readFileSync('/proc/mounts', 'utf8')): void {
  if (!existsSync(folder)) return;
  const mounted = mountsBelow(folder, mounts);
  if (mounted.length > 0)
    throw new BuildFailed(`${folder} is not deleted: mounted inside are ${mounted.join(', ')}\numount them first`);
  rmSync(folder, { recursive: true, force: true });
}
