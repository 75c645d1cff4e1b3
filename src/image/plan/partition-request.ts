import { InvalidCommandParams } from '../../core/index.ts';
import type { ImageInfo } from './image-info.ts';

/** What the conductor asks of the partitions around a partition image (imaging 1.3). Sizes in MiB, 0 means none. */
export interface PartitionRequest {
  readonly rootMib: number;
  readonly swapMib: number;
  readonly ephemeralMib: number;
  /** File system of the ephemeral partition. */
  readonly ephemeralFormat: string;
  /** The partitions of the last deployment are used again and the ephemeral one is left as it is. */
  readonly preserveEphemeral: boolean;
  /** What the conductor believes; it shapes the result only (imaging 4.1). */
  readonly deployBootMode: string | null;
}

/** What conductors ask for when nobody says otherwise. */
const DEFAULT_FORMAT = 'ext4';

function mib(info: ImageInfo, key: 'root_mb' | 'swap_mb' | 'ephemeral_mb', min: number): number {
  const value = info[key] ?? 0;
  if (value >= min) return value;
  throw InvalidCommandParams(`${key} of a partition image must be at least ${min}, it is ${info[key] ?? 'not given'}`);
}

/** Null for a whole-disk image: `image_type` absent or anything but `partition`. @throws InvalidCommandParamsError */
export function partitionRequest(info: ImageInfo): PartitionRequest | null {
  if (info.image_type !== 'partition') return null;
  const format = (info.ephemeral_format ?? '').trim().toLowerCase();
  return {
    rootMib: mib(info, 'root_mb', 1),
    swapMib: mib(info, 'swap_mb', 0),
    ephemeralMib: mib(info, 'ephemeral_mb', 0),
    ephemeralFormat: format === '' ? DEFAULT_FORMAT : format,
    preserveEphemeral: info.preserve_ephemeral ?? false,
    deployBootMode: info.deploy_boot_mode?.toLowerCase() ?? null,
  };
}
