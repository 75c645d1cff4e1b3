import type { WrittenImage, WrittenRecord } from '../../extensions/index.ts';

/** Remembers the last written image for the commands that follow a deployment. */
export function createWrittenRecord(): WrittenRecord {
  let written: WrittenImage | null = null;
  return {
    current: () => written,
    remember: (next) => {
      written = next;
    },
  };
}
