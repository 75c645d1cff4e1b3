import { crc32 } from 'node:zlib';

const SIGNATURE = 'EFI PART';
const MIN_HEADER = 92;
const MAX_ENTRIES_BYTES = 1 << 20;

/** A GPT header (UEFI 5.3.2). Positions are in logical blocks; all are exact (below 2^53). */
export interface GptHeader {
  /** The whole sector as found; unknown fields survive a rewrite. */
  readonly sector: Uint8Array;
  readonly headerBytes: number;
  readonly ownLba: number;
  readonly otherLba: number;
  readonly firstUsable: number;
  readonly lastUsable: number;
  readonly entriesLba: number;
  readonly entryCount: number;
  readonly entryBytes: number;
  readonly entriesCrc: number;
}

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const isSafe = (...values: readonly number[]) => values.every(Number.isSafeInteger);

function headerCrc(sector: Uint8Array, headerBytes: number): number {
  const copy = new Uint8Array(sector.subarray(0, headerBytes));
  copy.fill(0, 16, 20);
  return crc32(copy);
}

/** The header in this sector, or null when it is none or damaged. */
export function parseGptHeader(sector: Uint8Array): GptHeader | null {
  if (sector.length < 512 || Buffer.from(sector.subarray(0, 8)).toString('latin1') !== SIGNATURE) return null;
  const at = view(sector);
  const headerBytes = at.getUint32(12, true);
  if (headerBytes < MIN_HEADER || headerBytes > sector.length) return null;
  if (headerCrc(sector, headerBytes) !== at.getUint32(16, true)) return null;
  const lba = (offset: number) => Number(at.getBigUint64(offset, true));
  const header: GptHeader = {
    sector: new Uint8Array(sector),
    headerBytes,
    ownLba: lba(24),
    otherLba: lba(32),
    firstUsable: lba(40),
    lastUsable: lba(48),
    entriesLba: lba(72),
    entryCount: at.getUint32(80, true),
    entryBytes: at.getUint32(84, true),
    entriesCrc: at.getUint32(88, true),
  };
  const { ownLba, otherLba, firstUsable, lastUsable, entriesLba, entryBytes } = header;
  if (!isSafe(ownLba, otherLba, firstUsable, lastUsable, entriesLba)) return null;
  if (entryBytes < 128 || entryBytes % 8 !== 0 || entryBytes * header.entryCount > MAX_ENTRIES_BYTES) return null;
  return header;
}

export interface HeaderChange {
  readonly ownLba?: number;
  readonly otherLba?: number;
  readonly lastUsable?: number;
  readonly entriesLba?: number;
  readonly entriesCrc?: number;
}

/** The header's sector with some fields changed and its checksum made right. */
export function changedHeader(header: GptHeader, change: HeaderChange): Uint8Array {
  const sector = new Uint8Array(header.sector);
  const at = view(sector);
  const lba = (offset: number, value: number | undefined) => {
    if (value !== undefined) at.setBigUint64(offset, BigInt(value), true);
  };
  lba(24, change.ownLba);
  lba(32, change.otherLba);
  lba(48, change.lastUsable);
  lba(72, change.entriesLba);
  if (change.entriesCrc !== undefined) at.setUint32(88, change.entriesCrc, true);
  at.setUint32(16, headerCrc(sector, header.headerBytes), true);
  return sector;
}

export interface GptEntry {
  /** From 1, as the kernel counts. */
  readonly number: number;
  readonly typeGuid: string;
  readonly guid: string;
  readonly firstLba: number;
  readonly lastLba: number;
  readonly name: string;
}

/** `c12a7328-f81f-11d2-ba4b-00a0c93ec93b` from the mixed-endian bytes of a GUID. */
export function guidText(bytes: Uint8Array): string {
  const hex = (order: readonly number[]) => order.map((i) => (bytes[i] ?? 0).toString(16).padStart(2, '0')).join('');
  return [hex([3, 2, 1, 0]), hex([5, 4]), hex([7, 6]), hex([8, 9]), hex([10, 11, 12, 13, 14, 15])].join('-');
}

export function guidBytes(text: string): Uint8Array {
  const plain = Buffer.from(text.replaceAll('-', ''), 'hex');
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  return Uint8Array.from(order, (i) => plain[i] ?? 0);
}

/** Entries in use. @param entries the whole array as on disk */
export function parseEntries(header: GptHeader, entries: Uint8Array): readonly GptEntry[] {
  const at = view(entries);
  return Array.from({ length: header.entryCount }, (_, i) => i * header.entryBytes)
    .filter((offset) => offset + 128 <= entries.length && entries.subarray(offset, offset + 16).some((b) => b !== 0))
    .map((offset) => ({
      number: offset / header.entryBytes + 1,
      typeGuid: guidText(entries.subarray(offset, offset + 16)),
      guid: guidText(entries.subarray(offset + 16, offset + 32)),
      firstLba: Number(at.getBigUint64(offset + 32, true)),
      lastLba: Number(at.getBigUint64(offset + 40, true)),
      name: Buffer.from(entries.subarray(offset + 56, offset + 128))
        .toString('utf16le')
        .replace(/\0.*$/s, ''),
    }));
}
