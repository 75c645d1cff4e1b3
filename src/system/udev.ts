import type { Files } from './files.ts';

/** What udev recorded about a device. */
export interface UdevRecord {
  /** Device links below `/dev`, without that prefix: `disk/by-path/pci-0000:00:17.0-ata-1.0`. */
  readonly links: readonly string[];
  readonly properties: ReadonlyMap<string, string>;
}

/** One record of the udev database (`S:` link, `E:` KEY=VALUE; other lines are bookkeeping). */
export function parseUdevRecord(text: string): UdevRecord {
  const lines = text.split('\n');
  const after = (prefix: string) => lines.filter((l) => l.startsWith(prefix)).map((l) => l.slice(prefix.length));
  const properties = after('E:').flatMap((line): readonly (readonly [string, string])[] => {
    const at = line.indexOf('=');
    return at < 1 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
  });
  return { links: after('S:'), properties: new Map(properties) };
}

/** `id` as udev names its records: `b8:0` for a block device. Empty when udev does not run or knows nothing. */
export async function readUdevRecord(files: Files, id: string): Promise<UdevRecord> {
  return parseUdevRecord((await files.textOrNull(`/run/udev/data/${id}`)) ?? '');
}
