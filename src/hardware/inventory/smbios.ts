/** Facts of the firmware's SMBIOS table; text is trimmed, absent text is empty. */
export interface Smbios {
  readonly firmware: { readonly vendor: string; readonly version: string; readonly date: string };
  readonly system: {
    readonly manufacturer: string;
    readonly product: string;
    readonly serial: string;
    readonly sku: string;
  };
  /** Sum of the modules of all system memory arrays, bytes; 0 when the table does not tell. */
  readonly memoryBytes: number;
}

interface Structure {
  readonly type: number;
  readonly handle: number;
  readonly data: DataView;
  readonly strings: readonly string[];
}

const HEADER_BYTES = 4;
const END_OF_TABLE = 127;
const SYSTEM_MEMORY = 3;
const KIB = 1024;
const MIB = 1024 * KIB;

/** Firmware fills unused strings with blanks and worse. */
export const cleanText = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the point
  text.replace(/[\u0000-\u001f\u007f]+/g, '').trim();

/** Reads the structure table as the kernel hands it out; a damaged tail ends the walk, it never throws. */
export function parseSmbios(table: Uint8Array): Smbios {
  const all = [...structures(table)];
  const bios = all.find((s) => s.type === 0);
  const system = all.find((s) => s.type === 1);
  return {
    firmware: { vendor: textAt(bios, 4), version: textAt(bios, 5), date: textAt(bios, 8) },
    system: {
      manufacturer: textAt(system, 4),
      product: textAt(system, 5),
      serial: textAt(system, 7),
      sku: textAt(system, 0x19),
    },
    memoryBytes: memoryOf(all),
  };
}

function* structures(table: Uint8Array): Generator<Structure> {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  let at = 0;
  while (at + HEADER_BYTES <= table.byteLength) {
    const type = view.getUint8(at);
    const length = view.getUint8(at + 1);
    if (length < HEADER_BYTES || at + length > table.byteLength || type === END_OF_TABLE) return;
    const { strings, end } = stringsAt(table, at + length);
    const data = new DataView(table.buffer, table.byteOffset + at, length);
    yield { type, handle: view.getUint16(at + 2, true), data, strings };
    at = end;
  }
}

/** NUL-terminated strings up to an empty one; a structure without strings ends with two NULs. */
function stringsAt(table: Uint8Array, from: number): { readonly strings: readonly string[]; readonly end: number } {
  const strings: string[] = [];
  let at = from;
  while (at < table.byteLength) {
    const stop = table.indexOf(0, at);
    if (stop < 0) return { strings, end: table.byteLength };
    if (stop === at) return { strings, end: strings.length === 0 ? at + 2 : at + 1 };
    strings.push(cleanText(new TextDecoder().decode(table.subarray(at, stop))));
    at = stop + 1;
  }
  return { strings, end: at };
}

const byteAt = (s: Structure, at: number) => (at < s.data.byteLength ? s.data.getUint8(at) : 0);
const wordAt = (s: Structure, at: number) => (at + 2 <= s.data.byteLength ? s.data.getUint16(at, true) : 0);
const doubleAt = (s: Structure, at: number) => (at + 4 <= s.data.byteLength ? s.data.getUint32(at, true) : 0);

function textAt(structure: Structure | undefined, at: number): string {
  const index = structure === undefined ? 0 : byteAt(structure, at);
  return structure?.strings[index - 1] ?? '';
}

function memoryOf(all: readonly Structure[]): number {
  const arrays = new Set(all.filter((s) => s.type === 16 && byteAt(s, 5) === SYSTEM_MEMORY).map((s) => s.handle));
  return all
    .filter((s) => s.type === 17 && arrays.has(wordAt(s, 4)))
    .reduce((sum, module) => sum + moduleBytes(module), 0);
}

/** Size word of a memory device (inventory 2.3): 0xFFFF unknown, 0x7FFF see the extended size. */
function moduleBytes(module: Structure): number {
  const size = wordAt(module, 0x0c);
  if (size === 0xffff) return 0;
  if (size === 0x7fff) return (doubleAt(module, 0x1c) & 0x7fffffff) * MIB;
  return (size & 0x7fff) * ((size & 0x8000) === 0 ? MIB : KIB);
}

/** The table of this machine, or null where there is none or it may not be read. */
export async function readSmbios(files: {
  readonly bytes: (path: string) => Promise<Uint8Array>;
}): Promise<Smbios | null> {
  const table = await files.bytes('/sys/firmware/dmi/tables/DMI').catch(() => null);
  return table === null ? null : parseSmbios(table);
}
