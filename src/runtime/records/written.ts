import type { WrittenImage, WrittenRecord } from '../../extensions/index.ts';

/** Remembers the last written image for the commands that follow a deployment, and hands every change to `keep`. */
export function createWrittenRecord(
  first: WrittenImage | null = null,
  keep: (written: WrittenImage | null) => void = () => undefined,
): WrittenRecord {
  let written = first;
  return {
    current: () => written,
    remember: (next) => {
      written = next;
      keep(next);
    },
  };
}
