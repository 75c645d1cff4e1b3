import { crc32 } from 'node:zlib';
import { changedHeader, type GptHeader, parseEntries, parseGptHeader } from './header.ts';

/** Where the primary table of a disk is, found in its first bytes. */
export interface PrimaryGpt {
  readonly header: GptHeader;
  readonly sectorBytes: number;
  readonly entriesOffset: number;
  readonly entriesLength: number;
}

/** Size of a sector according to the place of `EFI PART`; both places may carry one. */
export function gptSectorSizes(head: Uint8Array): readonly number[] {
  return [512, 4096].filter((size) => Buffer.from(head.subarray(size, size + 8)).toString('latin1') === 'EFI PART');
}

/** @param head the first bytes of the disk, at least two sectors */
export function primaryGpt(head: Uint8Array, sectorBytes: number): PrimaryGpt | null {
  const header = parseGptHeader(head.subarray(sectorBytes, 2 * sectorBytes));
  if (header === null || header.ownLba !== 1) return null;
  return {
    header,
    sectorBytes,
    entriesOffset: header.entriesLba * sectorBytes,
    entriesLength: header.entryCount * header.entryBytes,
  };
}

export interface Patch {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export type GptRepair =
  | { readonly kind: 'cannot'; readonly why: string }
  /** Writes that make backup, header and protective MBR right; the ones at the front come last. */
  | { readonly kind: 'write'; readonly moved: boolean; readonly backup: Patch; readonly front: readonly Patch[] };

function protectiveMbr(head: Uint8Array, sectors: number): Patch[] {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const size = Math.min(sectors - 1, 0xffffffff);
  return [446, 462, 478, 494]
    .filter((entry) => head[entry + 4] === 0xee && view.getUint32(entry + 8, true) === 1)
    .slice(0, 1)
    .filter((entry) => view.getUint32(entry + 12, true) !== size)
    .map((entry) => {
      const bytes = new Uint8Array(4);
      new DataView(bytes.buffer).setUint32(0, size, true);
      return { offset: entry + 12, bytes };
    });
}

/** The table with its backup at the end of a disk of this size (imaging 3.4), without touching any partition.
 * @param entries the primary's entry array */
export function planGptRepair(
  head: Uint8Array,
  primary: PrimaryGpt,
  entries: Uint8Array,
  diskBytes: number,
): GptRepair {
  const { header, sectorBytes } = primary;
  const sectors = Math.floor(diskBytes / sectorBytes);
  if (crc32(entries) !== header.entriesCrc) return { kind: 'cannot', why: 'the partition entries are damaged' };
  const entrySectors = Math.ceil(primary.entriesLength / sectorBytes);
  const backupLba = sectors - 1;
  const entriesLba = backupLba - entrySectors;
  const lastUsable = entriesLba - 1;
  const used = Math.max(header.firstUsable - 1, ...parseEntries(header, entries).map((entry) => entry.lastLba));
  if (used > lastUsable) return { kind: 'cannot', why: `a partition reaches to sector ${used}, into the backup table` };
  const backup = new Uint8Array((entrySectors + 1) * sectorBytes);
  backup.set(entries);
  backup.set(
    changedHeader(header, { ownLba: backupLba, otherLba: 1, lastUsable, entriesLba }),
    entrySectors * sectorBytes,
  );
  return {
    kind: 'write',
    moved: header.otherLba !== backupLba,
    backup: { offset: entriesLba * sectorBytes, bytes: backup },
    front: [
      { offset: sectorBytes, bytes: changedHeader(header, { otherLba: backupLba, lastUsable }) },
      ...protectiveMbr(head, sectors),
    ],
  };
}
