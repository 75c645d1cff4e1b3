import type { TreeEntry } from './tree.ts';

const ENTRY = 32;
const DELETED = 0xe5;
const VOLUME_LABEL = 0x08;
const IS_DIRECTORY = 0x10;
/** Attributes of an entry that holds 13 characters of a long name. */
const LONG_NAME = 0x0f;
const FIRST_PIECE = 0x40;

/** Little-endian; what lies beyond the end is zero. */
export function numberAt(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let i = size - 1; i >= 0; i -= 1) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}

/** Pieces of a long name, which stand before their short entry, the last piece first. */
interface Pieces {
  readonly sum: number;
  /** Number of the latest piece; 1 is the beginning of the name. */
  readonly order: number;
  readonly text: string;
}

function piece(entry: Uint8Array, before: Pieces | null): Pieces | null {
  const order = (entry[0] ?? 0) & 0x3f;
  const sum = entry[13] ?? 0;
  const characters = [entry.subarray(1, 11), entry.subarray(14, 26), entry.subarray(28, 32)];
  const text = new TextDecoder('utf-16le').decode(Buffer.concat(characters));
  if (((entry[0] ?? 0) & FIRST_PIECE) !== 0) return { sum, order, text };
  return before?.order === order + 1 && before.sum === sum ? { sum, order, text: text + before.text } : null;
}

/** Ties a long name to its short entry: without it the long name is a left-over of a system that knew none. */
const sumOf = (shortName: Uint8Array) =>
  shortName.reduce((sum, byte) => (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff, 0);

function shortNameOf(entry: Uint8Array): string {
  const flags = entry[12] ?? 0;
  const part = (from: number, to: number, lower: boolean) => {
    const text = Buffer.from(entry.subarray(from, to)).toString('latin1').trimEnd();
    return lower ? text.toLowerCase() : text;
  };
  const [base, extension] = [part(0, 8, (flags & 0x08) !== 0), part(8, 11, (flags & 0x10) !== 0)];
  return extension === '' ? base : `${base}.${extension}`;
}

function nameOf(entry: Uint8Array, pieces: Pieces | null): string {
  if (pieces?.order !== 1 || pieces.sum !== sumOf(entry.subarray(0, 11))) return shortNameOf(entry);
  return pieces.text.replace(/\0.*$/s, '');
}

/** The entries of a FAT directory under their long names; without itself, its parent and the volume's label. */
export function* fatEntries(directory: Uint8Array): Iterable<TreeEntry> {
  let pieces: Pieces | null = null;
  for (let at = 0; at + ENTRY <= directory.length && directory[at] !== 0; at += ENTRY) {
    const entry = directory.subarray(at, at + ENTRY);
    const attributes = entry[11] ?? 0;
    const isDeleted = entry[0] === DELETED;
    if (!isDeleted && (attributes & 0x3f) === LONG_NAME) {
      pieces = piece(entry, pieces);
      continue;
    }
    const isSelfOrParent = /^\.\.? +$/.test(Buffer.from(entry.subarray(0, 11)).toString('latin1'));
    if (!isDeleted && !isSelfOrParent && (attributes & VOLUME_LABEL) === 0)
      yield {
        name: nameOf(entry, pieces),
        directory: (attributes & IS_DIRECTORY) !== 0,
        start: numberAt(entry, 20, 2) * 65_536 + numberAt(entry, 26, 2),
        length: numberAt(entry, 28, 4),
      };
    pieces = null;
  }
}
