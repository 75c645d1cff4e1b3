/** A boot loader on the ESP that gets an entry in the firmware's memory. */
export interface Loader {
  /** Path on the ESP with slashes, in the case it has there: `EFI/debian/shimx64.efi`. */
  readonly path: string;
  readonly label: string;
}

export type EfiArch = 'x64' | 'aa64';

/** Everything the choice depends on; paths relative to the ESP. */
export interface EspContent {
  /** Every `.efi` file that is a program of this machine's architecture. */
  readonly programs: readonly string[];
  /** Content of every boot CSV for this architecture. */
  readonly csvs: readonly { readonly path: string; readonly bytes: Uint8Array }[];
}

const lower = (text: string) => text.toLowerCase();
const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);
const folderOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** UTF-16, little-endian unless a byte order mark says otherwise (imaging 6.2). */
export function csvText(bytes: Uint8Array): string {
  const big = bytes[0] === 0xfe && bytes[1] === 0xff;
  const text = new TextDecoder(big ? 'utf-16be' : 'utf-16le').decode(bytes);
  return text.replace(/\0+$/, '');
}

/** One loader per line: file name in the CSV's folder, then the label. */
function fromCsv({ path, bytes }: EspContent['csvs'][number], programs: readonly string[]): readonly Loader[] {
  return csvText(bytes)
    .split(/\r?\n/)
    .flatMap((line) => {
      const [file = '', label = ''] = line.split(',');
      const wanted = lower([folderOf(path), file.trim()].filter((part) => part !== '').join('/'));
      const found = programs.find((program) => lower(program) === wanted);
      return found === undefined || label === '' ? [] : [{ path: found, label }];
    });
}

export const isBootCsv = (path: string, arch: EfiArch): boolean =>
  [`boot${arch}.csv`, 'boot.csv'].includes(lower(nameOf(path)));

/**
 * Better first: a signed chain, then a bare boot loader, then the path firmware tries by itself. A boot loader beside a
 * program with that path's name comes last: the program is its shim, which Secure Boot needs before it.
 * @param all lower-case paths of all programs
 */
function rank(path: string, arch: EfiArch, all: ReadonlySet<string>): number {
  const removable = `boot${arch}.efi`;
  const bare = [`grub${arch}.efi`, `systemd-boot${arch}.efi`];
  const name = lower(nameOf(path));
  const order = [`shim${arch}.efi`, ...bare, 'winload.efi', removable];
  const hasShim = bare.includes(name) && all.has(lower(path).slice(0, -name.length) + removable);
  return hasShim ? order.length : order.indexOf(name);
}

/**
 * The loaders to register, the most important first: what the image's own CSV files name, else the single best
 * program. Empty when there is none that this machine could start.
 */
export function chooseLoaders({ programs, csvs }: EspContent, arch: EfiArch): readonly Loader[] {
  const named = csvs.flatMap((csv) => fromCsv(csv, programs));
  const distinct = named.filter(
    (loader, at) => named.findIndex(({ path, label }) => path === loader.path && label === loader.label) === at,
  );
  if (distinct.length > 0) return distinct;
  const all = new Set(programs.map(lower));
  const known = programs.map((path) => ({ path, rank: rank(path, arch, all) })).filter(({ rank }) => rank >= 0);
  const best = known.sort((a, b) => a.rank - b.rank || (a.path < b.path ? -1 : 1))[0];
  return best === undefined ? [] : [{ path: best.path, label: 'ironic1' }];
}

/** `\EFI\debian\shimx64.efi`, as firmware writes it. */
export const firmwarePath = (path: string): string => `\\${path.replaceAll('/', '\\')}`;
