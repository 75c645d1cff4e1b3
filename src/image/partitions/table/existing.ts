import { crc32 } from 'node:zlib';
import { DeploymentFailed, MiB } from '../../../core/index.ts';
import { type GptHeader, parseEntries, primaryGpt } from '../../gpt/index.ts';
import { type Layout, type PlannedPartition, roleFacts, type TableLabel } from '../layout/index.ts';

/** A partition as the table on a disk has it. */
export interface FoundPartition {
  readonly number: number;
  /** GPT type GUID, or the type byte of a DOS table as `0x83`. */
  readonly type: string;
  /** Bytes. */
  readonly start: number;
  readonly bytes: number;
  /** As the kernel names it. */
  readonly partUuid: string;
}

export interface FoundTable {
  /** `none` also for a table that contradicts itself. */
  readonly label: TableLabel | 'none';
  readonly partitions: readonly FoundPartition[];
}

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');

function readDos(head: Uint8Array, sectorBytes: number): FoundTable {
  if (head[510] !== 0x55 || head[511] !== 0xaa) return { label: 'none', partitions: [] };
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const partitions = [446, 462, 478, 494].flatMap((at, index): readonly FoundPartition[] => {
    const type = head[at + 4] ?? 0;
    if (type === 0) return [];
    const number = index + 1;
    const start = view.getUint32(at + 8, true) * sectorBytes;
    const bytes = view.getUint32(at + 12, true) * sectorBytes;
    const partUuid = `${hex(view.getUint32(440, true), 8)}-${hex(number, 2)}`;
    return [{ number, type: `0x${hex(type, 2)}`, start, bytes, partUuid }];
  });
  return { label: 'msdos', partitions };
}

function readGpt(header: GptHeader, entries: Uint8Array, sectorBytes: number): FoundTable {
  if (crc32(entries) !== header.entriesCrc) return { label: 'none', partitions: [] };
  const partitions = parseEntries(header, entries).map(({ number, typeGuid, guid, firstLba, lastLba }) => ({
    ...{ number, type: typeGuid, partUuid: guid },
    start: firstLba * sectorBytes,
    bytes: (lastLba - firstLba + 1) * sectorBytes,
  }));
  return { label: 'gpt', partitions };
}

/** The partition table of a disk. Pure. @param head the first MiB of the disk */
export function readTable(head: Uint8Array, sectorBytes: number): FoundTable {
  const primary = primaryGpt(head, sectorBytes);
  if (primary === null) return readDos(head, sectorBytes);
  const { header, entriesOffset, entriesLength } = primary;
  return readGpt(header, head.subarray(entriesOffset, entriesOffset + entriesLength), sectorBytes);
}

/** Partitioning tools may round to their own grain. */
const TOLERANCE = MiB;
const near = (a: number, b: number) => Math.abs(a - b) <= TOLERANCE;
const shown = ({ start, bytes }: { readonly start: number; readonly bytes: number }) =>
  `${(start / MiB).toFixed(1)}+${(bytes / MiB).toFixed(1)} MiB`;

/**
 * Larger than any config drive, also as a FAT; smaller than an ephemeral partition, which flavors give in GiB. One with
 * the data that was to be kept has the type of a config drive and may begin at its place.
 */
const MAX_CONFIG_DRIVE = 256 * MiB;

/** What is wrong with a partition for its role; null when it can take it. */
function mismatch(planned: PlannedPartition, found: FoundPartition, label: TableLabel, driveBytes: number) {
  const { role, number } = planned;
  const facts = roleFacts[role];
  const type = label === 'gpt' ? facts.gptType : `0x${hex(facts.dosType, 2)}`;
  const what = `partition ${number} (${facts.words})`;
  if (found.type !== type) return `${what} has the type ${found.type} instead of ${type}`;
  // It stands behind the config drive, whose size may change, and the deployed system may have grown it.
  if (role === 'root') {
    const small = found.bytes + TOLERANCE < planned.bytes;
    return small ? `${what} has ${shown(found)}, ${planned.bytes / MiB} MiB are needed` : null;
  }
  if (role === 'config-drive' && found.bytes < driveBytes)
    return `${what} has ${found.bytes} bytes, the config drive needs ${driveBytes}`;
  const sized = role === 'config-drive' ? found.bytes <= MAX_CONFIG_DRIVE : near(found.bytes, planned.bytes);
  return sized && near(found.start, planned.start)
    ? null
    : `${what} is at ${shown(found)} instead of ${shown(planned)}`;
}

/**
 * The layout with the places that the table on the disk really has (imaging 4.4, preserve_ephemeral): a table of another
 * shape would lead the image over the data that was to be kept.
 * @param driveBytes what the config drive needs; 0 without one
 * @throws DeploymentError naming every difference
 */
export function matchExisting(layout: Layout, found: FoundTable, driveBytes: number): Layout {
  const { label, disk, partitions } = layout;
  const at = (number: number) => found.partitions.find((one) => one.number === number);
  const missing = partitions.filter(({ number }) => at(number) === undefined);
  const extra = found.partitions.filter(({ number }) => !partitions.some((planned) => planned.number === number));
  const wrong = partitions.flatMap((planned) => {
    const there = at(planned.number);
    return there === undefined ? [] : (mismatch(planned, there, label, driveBytes) ?? []);
  });
  const problems = [
    ...(found.label === label ? [] : [`it has a table of kind ${found.label} instead of ${label}`]),
    ...missing.map(({ number, role }) => `partition ${number} (${roleFacts[role].words}) is missing`),
    ...extra.map((one) => `partition ${one.number} (${shown(one)}) is not expected`),
    ...wrong,
  ];
  if (problems.length > 0)
    throw DeploymentFailed(`the partitions of ${disk.path} cannot be kept: ${problems.join('; ')}`, {
      hint: 'nothing was written; rebuild without preserve_ephemeral, or with the flavor of the first deployment',
    });
  return {
    ...layout,
    partitions: partitions.map((planned) => {
      const { start, bytes } = at(planned.number) ?? planned;
      return { ...planned, start, bytes };
    }),
  };
}
