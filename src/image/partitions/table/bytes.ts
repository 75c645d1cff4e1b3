import { MiB } from '../../../core/index.ts';
import { buildGpt, type TablePart } from '../../gpt/index.ts';
import { type Layout, type PlannedPartition, roleFacts } from '../layout/index.ts';
import { buildDosTable } from './dos-table.ts';

/** Random identifiers of a new table; a caller that wants the same table twice gives the same ones. */
export interface TableIds {
  /** Disk GUID; of a DOS table only the first 32 bits count. */
  readonly disk: string;
  /** One per partition, in order. */
  readonly partitions: readonly string[];
}

/** What is written to the disk, in this order: the disk has no partitions before the last part is there. */
export interface TableWrites {
  /** Ranges that become zero: where an array, a volume group or a file system of old keeps its mark. */
  readonly blank: readonly { readonly offset: number; readonly length: number }[];
  readonly parts: readonly TablePart[];
}

/** VMFS has its mark 2 MiB in, all others in the first MiB. */
const FRONT_BYTES = 4 * MiB;
/** Firmware RAID keeps its mark up to 1.6 MiB before the end. */
const BACK_BYTES = 2 * MiB;

/** Without these, old marks would come to life in the moment in which the kernel sees the partitions. */
function blankOf({ start, bytes }: PlannedPartition) {
  if (bytes <= FRONT_BYTES + BACK_BYTES) return [{ offset: start, length: bytes }];
  return [
    { offset: start, length: FRONT_BYTES },
    { offset: start + bytes - BACK_BYTES, length: BACK_BYTES },
  ];
}

/** Never zero: that would mean "no signature". */
const dosSignature = (guid: string) => Number.parseInt(guid.slice(0, 8), 16) || 1;

/** How the kernel names partition `number` in `/dev/disk/by-partuuid`. */
export function partUuid({ label }: Layout, ids: TableIds, number: number): string {
  if (label === 'gpt') return ids.partitions[number - 1] ?? '';
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
  return `${hex(dosSignature(ids.disk), 8)}-${hex(number, 2)}`;
}

/** The bytes of the table of a layout, and what must be blank before it. Pure. */
export function tableWrites(layout: Layout, ids: TableIds): TableWrites {
  const { label, disk, partitions } = layout;
  const sectorBytes = disk.logicalSectorBytes;
  const blank = partitions.flatMap(blankOf);
  const sectorsOf = ({ start, bytes }: PlannedPartition) => ({
    first: start / sectorBytes,
    count: bytes / sectorBytes,
  });
  if (label === 'msdos') {
    const entries = partitions.map((partition) => {
      const { first, count } = sectorsOf(partition);
      return { type: roleFacts[partition.role].dosType, start: first, sectors: count, active: partition.active };
    });
    return { blank, parts: [buildDosTable(dosSignature(ids.disk), entries, sectorBytes)] };
  }
  const entries = partitions.map((partition, index) => {
    const { first, count } = sectorsOf(partition);
    const { gptType, gptName } = roleFacts[partition.role];
    const guid = ids.partitions[index] ?? '';
    return { type: gptType, guid, name: gptName, firstLba: first, lastLba: first + count - 1 };
  });
  const sectors = Math.floor(disk.size / sectorBytes);
  const { front, back } = buildGpt({ diskGuid: ids.disk, sectorBytes, sectors, partitions: entries });
  return { blank, parts: [back, front] };
}
