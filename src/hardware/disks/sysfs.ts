import type { Files } from '../../system/index.ts';

export const sysBlock = (kname: string) => `/sys/class/block/${kname}`;

/** Kernel names of the partitions of a disk, by number. Names are never guessed from digits. */
export async function partitionsOf(files: Files, kname: string): Promise<readonly string[]> {
  const inside = (await files.list(sysBlock(kname))).filter((name) => name.startsWith(kname));
  const numbered = await Promise.all(
    inside.map(async (name) => ({ name, nr: await files.textOrNull(`${sysBlock(kname)}/${name}/partition`) })),
  );
  return numbered
    .filter(({ nr }) => nr !== null)
    .sort((a, b) => Number(a.nr) - Number(b.nr))
    .map(({ name }) => name);
}
