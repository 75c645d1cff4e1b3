import { crc32 } from 'node:zlib';
import { guidBytes } from './header.ts';

export interface NewGptPartition {
  readonly type: string;
  readonly guid: string;
  /** At most 36 UTF-16 units. */
  readonly name: string;
  readonly firstLba: number;
  readonly lastLba: number;
}

export interface NewGpt {
  readonly diskGuid: string;
  readonly sectorBytes: number;
  /** Of the whole disk. */
  readonly sectors: number;
  /** In the order of their numbers. */
  readonly partitions: readonly NewGptPartition[];
}

/** Bytes and where they go on the disk. */
export interface TablePart {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

const ENTRIES = 128;
const ENTRY_BYTES = 128;
const HEADER_BYTES = 92;
const REVISION = 0x0001_0000;
const PROTECTIVE = 0xee;

/** Entry array of a new table (UEFI 5.3.3). */
function entryArray({ partitions }: NewGpt): Uint8Array {
  const array = Buffer.alloc(ENTRIES * ENTRY_BYTES);
  for (const [index, { type, guid, name, firstLba, lastLba }] of partitions.entries()) {
    const at = index * ENTRY_BYTES;
    array.set(guidBytes(type), at);
    array.set(guidBytes(guid), at + 16);
    array.writeBigUInt64LE(BigInt(firstLba), at + 32);
    array.writeBigUInt64LE(BigInt(lastLba), at + 40);
    array.write(name, at + 56, 72, 'utf16le');
  }
  return array;
}

interface Place {
  readonly own: number;
  readonly other: number;
  readonly entries: number;
  readonly entriesCrc: number;
  readonly entrySectors: number;
}

function headerSector({ diskGuid, sectorBytes, sectors }: NewGpt, place: Place): Uint8Array {
  const sector = Buffer.alloc(sectorBytes);
  const lba = (at: number, value: number) => sector.writeBigUInt64LE(BigInt(value), at);
  sector.write('EFI PART', 0, 'latin1');
  sector.writeUInt32LE(REVISION, 8);
  sector.writeUInt32LE(HEADER_BYTES, 12);
  lba(24, place.own);
  lba(32, place.other);
  lba(40, 2 + place.entrySectors);
  lba(48, sectors - 2 - place.entrySectors);
  sector.set(guidBytes(diskGuid), 56);
  lba(72, place.entries);
  sector.writeUInt32LE(ENTRIES, 80);
  sector.writeUInt32LE(ENTRY_BYTES, 84);
  sector.writeUInt32LE(place.entriesCrc, 88);
  sector.writeUInt32LE(crc32(sector.subarray(0, HEADER_BYTES)), 16);
  return sector;
}

/** Tells programs that know no GPT that the disk is in use. */
function protectiveMbr({ sectors }: NewGpt): Uint8Array {
  const mbr = Buffer.alloc(512);
  mbr.set([0x00, 0x00, 0x02, 0x00, PROTECTIVE, 0xff, 0xff, 0xff], 446);
  mbr.writeUInt32LE(1, 454);
  mbr.writeUInt32LE(Math.min(sectors - 1, 0xffff_ffff), 458);
  mbr.set([0x55, 0xaa], 510);
  return mbr;
}

/** A new table for a disk: its backup at the end, and the front with the protective MBR. Pure. */
export function buildGpt(table: NewGpt): { readonly front: TablePart; readonly back: TablePart } {
  const { sectorBytes, sectors } = table;
  const array = entryArray(table);
  const entrySectors = Math.ceil(array.length / sectorBytes);
  const common = { entriesCrc: crc32(array), entrySectors };
  const last = sectors - 1;
  const front = new Uint8Array((2 + entrySectors) * sectorBytes);
  front.set(protectiveMbr(table));
  front.set(headerSector(table, { ...common, own: 1, other: last, entries: 2 }), sectorBytes);
  front.set(array, 2 * sectorBytes);
  const backEntries = last - entrySectors;
  const back = new Uint8Array((1 + entrySectors) * sectorBytes);
  back.set(array);
  back.set(headerSector(table, { ...common, own: last, other: 1, entries: backEntries }), entrySectors * sectorBytes);
  return { front: { offset: 0, bytes: front }, back: { offset: backEntries * sectorBytes, bytes: back } };
}
