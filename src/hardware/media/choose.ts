import { GiB } from '../../core/index.ts';
import type { LabelRow, LineageRow } from '../../system/index.ts';

/** The largest USB disk that counts as virtual media is smaller than this. */
const SMALL_BYTES = 4 * GiB;

/**
 * File systems of floppies and CDs. None of them has a journal: others may be written to even when mounted read-only,
 * and the disk may be somebody's.
 */
const FILE_SYSTEMS = ['vfat', 'iso9660', 'udf', 'ext2'];

/**
 * Whether a BMC offers this device (protocol.md 2.6): a CD drive, or a small USB disk, but never a partition. What was
 * left on a disk of the machine must not configure the agent.
 */
export function isOffered(lineage: readonly LineageRow[]): boolean {
  for (const { type, tran, bytes } of lineage) {
    if (type === 'part') return false;
    if (type === 'rom') return true;
    if (type === 'disk' && tran === 'usb' && bytes !== null && bytes < SMALL_BYTES) return true;
  }
  return false;
}

/** A device whose label (or model) says that it is a medium for the agent, and what it stands on. */
export interface Candidate extends LabelRow {
  readonly lineage: readonly LineageRow[];
}

export interface Medium {
  readonly device: string;
  readonly fsType: string;
}

export interface MediumChoice {
  readonly medium: Medium | null;
  /** Full sentences about candidates that were passed over. */
  readonly refused: readonly string[];
}

function objection({ device, fsType, lineage }: Candidate): string | null {
  if (!isOffered(lineage))
    return `${device} is neither a CD nor a USB disk of less than 4 GiB: it must not configure the agent`;
  if (fsType === null || !FILE_SYSTEMS.includes(fsType))
    return `${device} has ${fsType ?? 'no known file system'}, not one of ${FILE_SYSTEMS.join(', ')}`;
  return null;
}

/** The first candidate that may be used. */
export function chooseMedium(candidates: readonly Candidate[]): MediumChoice {
  const refused: string[] = [];
  for (const candidate of candidates) {
    const why = objection(candidate);
    const { device, fsType } = candidate;
    if (why === null && fsType !== null) return { medium: { device, fsType }, refused };
    refused.push(why ?? device);
  }
  return { medium: null, refused };
}
