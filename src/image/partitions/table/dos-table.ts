export interface DosPartition {
  readonly type: number;
  /** Sectors. */
  readonly start: number;
  readonly sectors: number;
  readonly active: boolean;
}

const ENTRY_AT = 446;
const ENTRY_BYTES = 16;
/** The geometry that every BIOS pretends for large disks. */
const HEADS = 255;
const TRACK_SECTORS = 63;
const MAX_CYLINDER = 1023;
/** Stands for every sector that cylinder, head and sector cannot name. */
const BEYOND = [0xfe, 0xff, 0xff];

/** Cylinder, head and sector of a sector number, packed as in the table. */
function chs(sector: number): readonly number[] {
  const cylinder = Math.floor(sector / (HEADS * TRACK_SECTORS));
  if (cylinder > MAX_CYLINDER) return BEYOND;
  const head = Math.floor(sector / TRACK_SECTORS) % HEADS;
  const inTrack = (sector % TRACK_SECTORS) + 1;
  return [head, inTrack | ((cylinder >> 8) << 6), cylinder & 0xff];
}

/** The first sector of a disk with primary partitions, without boot code. Pure. */
export function buildDosTable(
  signature: number,
  partitions: readonly DosPartition[],
  sectorBytes: number,
): { readonly offset: 0; readonly bytes: Uint8Array } {
  const bytes = Buffer.alloc(sectorBytes);
  bytes.writeUInt32LE(signature, 440);
  for (const [index, { type, start, sectors, active }] of partitions.entries()) {
    const at = ENTRY_AT + index * ENTRY_BYTES;
    bytes.set([active ? 0x80 : 0, ...chs(start), type, ...chs(start + sectors - 1)], at);
    bytes.writeUInt32LE(start, at + 8);
    bytes.writeUInt32LE(sectors, at + 12);
  }
  bytes.set([0x55, 0xaa], 510);
  return { offset: 0, bytes };
}
