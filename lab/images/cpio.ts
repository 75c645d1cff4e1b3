const TRAILER = 'TRAILER!!!';

interface Common {
  readonly path: string;
}
export type CpioEntry =
  | (Common & { readonly kind: 'dir' })
  | (Common & { readonly kind: 'file'; readonly data: Uint8Array; readonly executable?: boolean })
  | (Common & { readonly kind: 'link'; readonly target: string })
  | (Common & { readonly kind: 'char'; readonly major: number; readonly minor: number });

const hex = (value: number) => value.toString(16).padStart(8, '0');
const padding = (length: number) => Buffer.alloc((4 - (length % 4)) % 4);

function modeOf(entry: CpioEntry): number {
  if (entry.kind === 'dir') return 0o040755;
  if (entry.kind === 'link') return 0o120777;
  if (entry.kind === 'char') return 0o020600;
  return entry.executable === true ? 0o100755 : 0o100644;
}

function record(entry: CpioEntry, inode: number): Buffer {
  const data = entry.kind === 'file' ? entry.data : Buffer.from(entry.kind === 'link' ? entry.target : '');
  const [major, minor] = entry.kind === 'char' ? [entry.major, entry.minor] : [0, 0];
  const trailer = entry.path === TRAILER;
  const fields = [inode, trailer ? 0 : modeOf(entry), 0, 0, 1, 0, data.length, 0, 0, major, minor];
  const head = Buffer.from(`070701${[...fields, entry.path.length + 1, 0].map(hex).join('')}${entry.path}\0`, 'latin1');
  return Buffer.concat([head, padding(head.length), data, padding(data.length)]);
}

/** Folders that `entries` need and do not name, parents first. */
function parents(entries: readonly CpioEntry[]): CpioEntry[] {
  const known = new Set(entries.map((entry) => entry.path));
  const folders = entries.flatMap(({ path }) => {
    const parts = path.split('/').slice(0, -1);
    return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  });
  return [...new Set(folders)].filter((path) => !known.has(path)).map((path) => ({ kind: 'dir', path }));
}

/** An archive in cpio "newc" form as the kernel unpacks it: owner root, time zero, missing folders added. */
export function cpioArchive(entries: readonly CpioEntry[]): Uint8Array {
  const all: CpioEntry[] = [...parents(entries), ...entries];
  const trailer: CpioEntry = { kind: 'file', path: TRAILER, data: new Uint8Array() };
  const body = Buffer.concat([...all.map((entry, index) => record(entry, index + 1)), record(trailer, 0)]);
  return Buffer.concat([body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}
