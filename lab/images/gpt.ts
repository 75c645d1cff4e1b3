import { crc32 } from 'node:zlib';
import { ImageBuildFailed } from './errors.ts';

export interface PartitionSpec {
  readonly name: string;
  readonly type: string;
  readonly guid: string;
  readonly firstByte: number;
  readonly bytes: number;
}

export interface TableSpec {
  readonly diskGuid: string;
  readonly diskBytes: number;
  readonly sectorBytes: 512 | 4096;
  readonly partitions: readonly PartitionSpec[];
  /** First 440 bytes of the disk: code that a BIOS runs. */
  readonly bootCode?: Uint8Array;
}

/** Bytes and where they belong on the disk. */
export interface Patch {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export const partitionTypes = {
  biosBoot: '21686148-6449-6e6f-744e-656564454649',
  esp: 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b',
  linuxRoot: '4f68bce3-e8cd-4db1-96e7-fbcaf984b709',
} as const;

const ENTRIES = 128;
const ENTRY_BYTES = 128;
const HEADER_BYTES = 92;

/** On disk the first three groups of a GUID are little-endian. */
export function guidBytes(guid: string): Uint8Array {
  const raw = Buffer.from(guid.replaceAll('-', ''), 'hex');
  if (raw.length !== 16) throw ImageBuildFailed(`not a GUID: ${guid}`);
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  return Uint8Array.from(order, (at) => raw.readUInt8(at));
}

function entries(spec: TableSpec): Buffer {
  const table = Buffer.alloc(ENTRIES * ENTRY_BYTES);
  for (const [index, partition] of spec.partitions.entries()) {
    const at = index * ENTRY_BYTES;
    table.set(guidBytes(partition.type), at);
    table.set(guidBytes(partition.guid), at + 16);
    table.writeBigUInt64LE(BigInt(partition.firstByte / spec.sectorBytes), at + 32);
    table.writeBigUInt64LE(BigInt((partition.firstByte + partition.bytes) / spec.sectorBytes - 1), at + 40);
    table.write(partition.name.slice(0, 36), at + 56, 'utf16le');
  }
  return table;
}

interface HeaderSpec {
  readonly own: number;
  readonly other: number;
  readonly table: number;
  readonly entriesCrc: number;
}

function header(spec: TableSpec, place: HeaderSpec): Buffer {
  const tableSectors = (ENTRIES * ENTRY_BYTES) / spec.sectorBytes;
  const sectors = spec.diskBytes / spec.sectorBytes;
  const bytes = Buffer.alloc(spec.sectorBytes);
  bytes.write('EFI PART', 0, 'latin1');
  bytes.writeUInt32LE(0x00010000, 8);
  bytes.writeUInt32LE(HEADER_BYTES, 12);
  bytes.writeBigUInt64LE(BigInt(place.own), 24);
  bytes.writeBigUInt64LE(BigInt(place.other), 32);
  bytes.writeBigUInt64LE(BigInt(2 + tableSectors), 40);
  bytes.writeBigUInt64LE(BigInt(sectors - tableSectors - 2), 48);
  bytes.set(guidBytes(spec.diskGuid), 56);
  bytes.writeBigUInt64LE(BigInt(place.table), 72);
  bytes.writeUInt32LE(ENTRIES, 80);
  bytes.writeUInt32LE(ENTRY_BYTES, 84);
  bytes.writeUInt32LE(place.entriesCrc, 88);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, HEADER_BYTES)), 16);
  return bytes;
}

function protectiveMbr(spec: TableSpec): Buffer {
  const mbr = Buffer.alloc(512);
  if (spec.bootCode !== undefined) mbr.set(spec.bootCode.subarray(0, 440));
  mbr.set([0x00, 0x00, 0x02, 0x00, 0xee, 0xff, 0xff, 0xff], 446);
  mbr.writeUInt32LE(1, 454);
  mbr.writeUInt32LE(Math.min(spec.diskBytes / spec.sectorBytes - 1, 0xffffffff), 458);
  mbr.set([0x55, 0xaa], 510);
  return mbr;
}

/** The protective MBR and both copies of a GUID partition table. All places must be whole sectors. */
export function partitionTable(spec: TableSpec): readonly Patch[] {
  const places = [spec.diskBytes, ...spec.partitions.flatMap((p) => [p.firstByte, p.bytes])];
  if (places.some((bytes) => bytes % spec.sectorBytes !== 0))
    throw ImageBuildFailed(`a partition does not start or end at a sector of ${spec.sectorBytes} bytes`);
  const last = spec.diskBytes / spec.sectorBytes - 1;
  const tableSectors = (ENTRIES * ENTRY_BYTES) / spec.sectorBytes;
  const table = entries(spec);
  const entriesCrc = crc32(table);
  const backupTable = last - tableSectors;
  return [
    { offset: 0, bytes: protectiveMbr(spec) },
    { offset: spec.sectorBytes, bytes: header(spec, { own: 1, other: last, table: 2, entriesCrc }) },
    { offset: 2 * spec.sectorBytes, bytes: table },
    { offset: backupTable * spec.sectorBytes, bytes: table },
    {
      offset: last * spec.sectorBytes,
      bytes: header(spec, { own: last, other: 1, table: backupTable, entriesCrc }),
    },
  ];
}
