import { MiB, type Tell } from '../../core/index.ts';
import type { ImagePlan } from '../plan/index.ts';
import type { ImagePorts, TargetDisk } from '../ports.ts';

/** The memory bound of a deployment: slots that are being filled, decoded or written. */
export const SLOT_BYTES = 4 * MiB;
export const SLOT_COUNT = 10;

/** What stays the same over all attempts to write one image. */
export interface WriteJob {
  readonly ports: ImagePorts;
  readonly plan: ImagePlan;
  /** Where it will go, as far as that is known before `begin`. */
  readonly target: TargetDisk;
  readonly algorithm: string;
  readonly memory: Uint8Array;
  readonly tell: Tell;
  /** Clears the disk and says where the image goes; acts only the first time. */
  readonly begin: () => Promise<TargetDisk>;
  /** Throws unless the digest is the expected one. */
  readonly verify: (digest: string) => void;
  /** The download is over and good: its time limit no longer counts. */
  readonly received: () => void;
}
