import { KiB } from '../../core/index.ts';
import { type ForeignLayout, hexAt, need, type ReadAt, refuse, sizeOf, textAt, viewOf } from './fields.ts';

const VHDX = 'vhdx';
const TABLE_BYTES = 64 * KiB;
const REGION_TABLE = 192 * KiB;
const ENTRY_BYTES = 32;
const MAX_ENTRIES = 2047;
const HAS_PARENT = 2;
/** Identifiers as they lie in the file. */
const METADATA = '06a27c8b90479a4bb8fe575f050f886e';
const VIRTUAL_SIZE = '2442a52f1bcd7648b2115dbed83bf4b8';
const FILE_PARAMETERS = '3767a1ca36fa434db3b633f0aa44e76b';

interface Table {
  readonly bytes: Uint8Array;
  readonly entries: number;
  /** Where the first entry is. */
  readonly from: number;
}

function tableOf(bytes: Uint8Array, signature: string, entries: number, from: number): Table {
  if (textAt(bytes, 0, signature.length) !== signature) throw refuse(VHDX, `its table ${signature} is missing`);
  if (entries > MAX_ENTRIES) throw refuse(VHDX, `its table ${signature} has ${entries} entries`);
  return { bytes, entries, from };
}

/** Offset of the entry with this identifier within the table. */
function entryOf({ bytes, entries, from }: Table, id: string, what: string): number {
  for (let at = from; at < from + entries * ENTRY_BYTES; at += ENTRY_BYTES) if (hexAt(bytes, at, 16) === id) return at;
  throw refuse(VHDX, `it has no ${what}`);
}

function positionOf(value: bigint, what: string): number {
  if (value < BigInt(TABLE_BYTES) || value > BigInt(Number.MAX_SAFE_INTEGER))
    throw refuse(VHDX, `its ${what} is at an impossible place (${value})`);
  return Number(value);
}

/** Follows region table and metadata table to the size. @throws InvalidImage */
export async function inspectVhdx(read: ReadAt): Promise<ForeignLayout> {
  const regions = await need(read, VHDX, REGION_TABLE, TABLE_BYTES);
  const regionTable = tableOf(regions, 'regi', viewOf(regions).getUint32(8, true), 16);
  const region = entryOf(regionTable, METADATA, 'metadata');
  const base = positionOf(viewOf(regions).getBigUint64(region + 16, true), 'metadata');
  const metadata = await need(read, VHDX, base, TABLE_BYTES);
  const table = tableOf(metadata, 'metadata', viewOf(metadata).getUint16(10, true), ENTRY_BYTES);
  const item = async (id: string, what: string) => {
    const offset = viewOf(metadata).getUint32(entryOf(table, id, what) + 16, true);
    return viewOf(await need(read, VHDX, base + positionOf(BigInt(offset), what), 8));
  };
  const parameters = await item(FILE_PARAMETERS, 'file parameters');
  if ((parameters.getUint32(4, true) & HAS_PARENT) !== 0) throw refuse(VHDX, 'it has a parent image');
  return { virtualSize: sizeOf((await item(VIRTUAL_SIZE, 'size')).getBigUint64(0, true), VHDX) };
}
