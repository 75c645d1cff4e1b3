import { formatBytes, MiB } from '../../core/index.ts';
import { InvalidImage } from '../errors.ts';

/** Left for qemu-img (it used 25 MB for the largest images tried) and for everything else that runs. */
export const MEMORY_RESERVE = 256 * MiB;
/** Staged bytes end at a sector of any size. */
const ALIGNMENT = 4096;

export interface StagingNeed {
  readonly id: string;
  readonly format: string;
  /** Length of the file; null when the server does not announce it. */
  readonly imageBytes: number | null;
  /** The most that the disk inside can have. */
  readonly virtualSize: number;
}

export interface StagingRoom {
  readonly disk: string;
  readonly diskBytes: number;
  /** Where the end of the disk begins that stays blank until the image is published. */
  readonly tailStart: number;
  /** Memory that programs can still get. */
  readonly freeMemory: number;
  /** What a scratch file can grow to. */
  readonly scratchBytes: number;
}

/** Where an image waits until its digest is known, and its converter reads it. */
export interface Staging {
  readonly kind: 'disk' | 'memory';
  /** Bytes into the disk; 0 in memory. */
  readonly offset: number;
  /** Length of the image. */
  readonly imageBytes: number;
  /** The same, up to a full sector. */
  readonly bytes: number;
}

const fromHint = 'provide the image as raw or qcow2, which the agent writes while it receives them';

/** Beyond the content on the target disk, as far back as possible; in memory only when it does not fit there
 * (imaging 10.1). @throws InvalidImage with the numbers, before anything was written */
export function planStaging(need: StagingNeed, room: StagingRoom): Staging {
  const { id, format, imageBytes, virtualSize } = need;
  if (imageBytes === null)
    throw InvalidImage(`the server does not announce the length of image ${id}; ${format} images must be staged`, {
      hint: fromHint,
    });
  const bytes = Math.ceil(imageBytes / ALIGNMENT) * ALIGNMENT;
  const offset = Math.floor((room.tailStart - bytes) / MiB) * MiB;
  if (offset >= Math.max(virtualSize, MiB)) return { kind: 'disk', offset, imageBytes, bytes };
  const memory = Math.max(0, Math.min(room.freeMemory - MEMORY_RESERVE, room.scratchBytes));
  if (bytes <= memory) return { kind: 'memory', offset: 0, imageBytes, bytes };
  throw InvalidImage(
    `image ${id} of format ${format} must be staged: its ${formatBytes(imageBytes)} do not fit behind its content of ${formatBytes(virtualSize)} on ${room.disk}, which has ${formatBytes(room.diskBytes)}, and memory has room for ${formatBytes(memory)}`,
    { hint: fromHint },
  );
}
