import { formatBytes, InvalidCommandParams, KiB, MiB } from '../../core/index.ts';
import { InvalidImage } from '../errors.ts';
import { decideFormat, type FormatDecision } from '../format/index.ts';
import { gptSectorSizes, primaryGpt } from '../gpt/index.ts';
import type { ImagePlan } from '../plan/index.ts';
import type { ImagePorts, TargetDisk } from '../ports.ts';

export const SNIFF_BYTES = 64 * KiB;
/** Where GPT headers are, for both sector sizes. */
export const TABLE_BYTES = 8 * KiB;

/** A partition table speaks in sectors; on a disk of another sector size nothing is where it says.
 * @param head the first 8 KiB of the disk content */
export function checkSectorSize(head: Uint8Array, target: TargetDisk): void {
  if (target.isPartition === true) {
    refuseTable(head);
    return;
  }
  const sizes = gptSectorSizes(head);
  if (sizes.length === 0 || sizes.includes(target.logicalSectorBytes)) return;
  throw InvalidImage(
    `the image has a partition table for sector size ${sizes.join(' or ')}, but ${target.path} has a sector size of ${target.logicalSectorBytes} bytes`,
    { hint: 'use an image built for this sector size' },
  );
}

/** Inside a partition nobody would find a partition table. */
function refuseTable(head: Uint8Array): void {
  if (![512, 4096].some((size) => primaryGpt(head, size) !== null)) return;
  throw InvalidImage('the image has a partition table of its own: it is the image of a whole disk', {
    hint: 'set image_type=whole-disk, or use the image of a root file system',
  });
}

const mib = (bytes: number) => `${Math.ceil(bytes / MiB)} MiB`;

export function checkFits(bytes: number, target: TargetDisk): void {
  if (bytes <= target.size) return;
  if (target.isPartition === true)
    throw InvalidCommandParams(`the image needs ${mib(bytes)}, but its root partition gets ${mib(target.size)}`, {
      hint: 'raise root_mb (the disk of the flavor or root_gb of the node), or use a smaller image',
    });
  throw InvalidImage(
    `the image needs ${formatBytes(bytes)} (${bytes} bytes), but ${target.path} has only ${formatBytes(target.size)} (${target.size} bytes)`,
    { hint: 'choose a larger disk with root device hints, or a smaller image' },
  );
}

/** @param head what has been received so far, from the start of the file */
export function inspectHead(ports: ImagePorts, plan: ImagePlan, head: Uint8Array): FormatDecision {
  if (head.length === 0) throw InvalidImage(`image ${plan.id} is empty`);
  const { permittedFormats, deepInspection } = plan.settings;
  if (!deepInspection) ports.log.warn('image.inspection.off', { image: plan.id });
  const rules = { declared: plan.declaredFormat, permitted: permittedFormats, deepInspection };
  const decision = decideFormat(head, rules);
  if (decision.warning !== null) ports.log.warn('image.format.odd', { image: plan.id, note: decision.warning });
  return decision;
}
