import { basename } from 'node:path';
import type { Files } from '../../system/index.ts';

/** Who keeps a disk from being opened exclusively, in words: mounts, swap, arrays and mappings on it or its
 * partitions; empty when nobody can be named. */
export async function holdersOf(files: Files, path: string): Promise<readonly string[]> {
  const disk = basename((await files.real(path)) ?? path);
  const children = (await files.list(`/sys/class/block/${disk}`)).filter((name) => name.startsWith(disk));
  const all = [disk, ...children];
  const mounts = (await files.textOrNull('/proc/self/mounts'))?.split('\n') ?? [];
  const swaps = (await files.textOrNull('/proc/swaps'))?.split('\n') ?? [];
  const found = await Promise.all(
    all.map(async (name) => {
      const dir = `/sys/class/block/${name}/holders`;
      const held = (await files.list(dir)).map((holder) => `${name} is part of ${holder}`);
      const mounted = mounts
        .filter((line) => line.startsWith(`/dev/${name} `))
        .map((line) => `${name} is mounted at ${line.split(' ')[1] ?? '?'}`);
      const swapped = swaps.some((line) => line.startsWith(`/dev/${name} `)) ? [`${name} is used as swap`] : [];
      return [...held, ...mounted, ...swapped];
    }),
  );
  return found.flat();
}
