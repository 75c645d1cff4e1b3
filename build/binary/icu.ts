import { BuildFailed } from '../kit/index.ts';

/** Where a symbol's bytes lie in the file. */
interface Span {
  readonly offset: number;
  readonly bytes: number;
}

interface Section {
  readonly type: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
}

const SHT_SYMTAB = 2;
const SYMBOL_BYTES = 24;
const number = (file: Buffer, at: number) => Number(file.readBigUInt64LE(at));

function sectionsOf(elf: Buffer): readonly Section[] {
  if (elf.readUInt32BE(0) !== 0x7f454c46 || elf[4] !== 2) throw new BuildFailed('the runtime is no 64-bit ELF file');
  const table = number(elf, 40);
  const bytes = elf.readUInt16LE(58);
  return Array.from({ length: elf.readUInt16LE(60) }, (_, index) => {
    const at = table + index * bytes;
    return {
      type: elf.readUInt32LE(at + 4),
      address: number(elf, at + 16),
      offset: number(elf, at + 24),
      size: number(elf, at + 32),
      link: elf.readUInt32LE(at + 40),
    };
  });
}

function stringAt(file: Buffer, at: number): string {
  return file.toString('latin1', at, file.indexOf(0, at));
}

function findSymbol(elf: Buffer, name: RegExp): Span {
  const sections = sectionsOf(elf);
  const symbols = sections.find(({ type }) => type === SHT_SYMTAB);
  const names = symbols === undefined ? undefined : sections[symbols.link];
  if (symbols === undefined || names === undefined) throw new BuildFailed('the runtime has no symbol table');
  for (let at = symbols.offset; at < symbols.offset + symbols.size; at += SYMBOL_BYTES) {
    if (!name.test(stringAt(elf, names.offset + elf.readUInt32LE(at)))) continue;
    const home = sections[elf.readUInt16LE(at + 6)];
    if (home === undefined) continue;
    return { offset: number(elf, at + 8) - home.address + home.offset, bytes: number(elf, at + 16) };
  }
  throw new BuildFailed(`the runtime has no symbol like ${name.source}`);
}

export interface Item extends Span {
  /** Like `icudt78l/coll/de.res`. */
  readonly name: string;
}

/** The table of contents of an ICU data package that starts at `offset`. */
export function icuItems(file: Buffer, { offset, bytes }: Span): readonly Item[] {
  if (file.readUInt16LE(offset + 2) !== 0x27da || file.toString('latin1', offset + 12, offset + 16) !== 'CmnD')
    throw new BuildFailed('the locale data of the runtime has an unknown format');
  const toc = offset + file.readUInt16LE(offset);
  const count = file.readUInt32LE(toc);
  const startOf = (index: number) => toc + file.readUInt32LE(toc + 8 + 8 * index);
  return Array.from({ length: count }, (_, index) => {
    const start = startOf(index);
    const end = index + 1 < count ? startOf(index + 1) : offset + bytes;
    return { name: stringAt(file, toc + file.readUInt32LE(toc + 4 + 8 * index)), offset: start, bytes: end - start };
  });
}

/**
 * Whether an agent that speaks English in Unicode can do without: the other languages, legacy character sets,
 * dictionaries and rules of word breaking. Root, English, time zones, normalisation and collation root stay.
 */
export function isDispensable(name: string): boolean {
  const [folder = '', leaf = folder] = name.split('/').slice(1);
  if (/\.(cnv|dict)$/.test(leaf)) return true;
  if (/^en(_|\.)|^(root|pool|res_index)\./.test(leaf)) return false;
  if (folder === 'translit') return true;
  if (folder === 'brkitr' && /_.*\.brk$/.test(leaf)) return true;
  return /^[a-z]{2,3}(_[A-Za-z0-9]+)*\.res$/.test(leaf);
}

/**
 * Overwrites dispensable locale data of an unstripped Node with zeros and returns how many bytes. The size of the file
 * stays, a compressed one shrinks by a quarter; asked for such a locale, `Intl` falls back to root. In place.
 */
export function blankLocales(elf: Buffer): number {
  let blanked = 0;
  for (const { name, offset, bytes } of icuItems(elf, findSymbol(elf, /^icudt\d+_dat$/))) {
    if (!isDispensable(name)) continue;
    elf.fill(0, offset, offset + bytes);
    blanked += bytes;
  }
  return blanked;
}
