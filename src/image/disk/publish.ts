import { type Log, reasonOf } from '../../core/index.ts';
import { alignedMemory, type BlockDevice } from '../../system/index.ts';
import { planGptRepair, primaryGpt } from '../gpt/index.ts';
import type { TargetDisk } from '../ports.ts';
import type { Withheld } from './withheld.ts';

/** Writes bytes at a sector boundary, from memory that direct access accepts. */
async function writeAt(device: BlockDevice, bytes: Uint8Array, offset: number): Promise<void> {
  const memory = alignedMemory(bytes.length);
  memory.set(bytes);
  await device.write(memory, offset);
}

/** Reads bytes at any place, by full sectors. */
export async function readAt(
  device: BlockDevice,
  sectorBytes: number,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  const start = Math.floor(offset / sectorBytes) * sectorBytes;
  const end = Math.ceil((offset + length) / sectorBytes) * sectorBytes;
  const memory = alignedMemory(end - start);
  await device.read(memory, start);
  return memory.subarray(offset - start, offset - start + length);
}

/** Both ends as zeros: from here until `publishEnds` the disk cannot boot, whatever happens. */
export async function blankEnds(device: BlockDevice, { head, tail }: Withheld): Promise<void> {
  await device.write(alignedMemory(head.bytes.length), head.start);
  if (tail.bytes.length > 0) await device.write(alignedMemory(tail.bytes.length), tail.start);
  await device.sync();
}

/** Puts the backup of a GPT at the end of this disk, in the withheld front and on the disk. */
async function repairGpt(log: Log, device: BlockDevice, target: TargetDisk, withheld: Withheld): Promise<void> {
  const { head } = withheld;
  const primary = primaryGpt(head.bytes, target.logicalSectorBytes);
  if (primary === null) return;
  const { entriesOffset, entriesLength, sectorBytes } = primary;
  const inHead = entriesOffset + entriesLength <= head.end;
  const entries = inHead
    ? head.bytes.slice(entriesOffset, entriesOffset + entriesLength)
    : await readAt(device, sectorBytes, entriesOffset, entriesLength);
  const repair = planGptRepair(head.bytes, primary, entries, target.size);
  if (repair.kind === 'cannot') {
    log.warn('image.gpt.backup-not-moved', { disk: target.path, why: repair.why });
    return;
  }
  await writeAt(device, repair.backup.bytes, repair.backup.offset);
  for (const patch of repair.front) head.bytes.set(patch.bytes, patch.offset);
  log.info('image.gpt.repaired', { disk: target.path, moved: repair.moved });
}

/** Makes the disk bootable: end first, front last. On a fault the front is blanked again. */
export async function publishEnds(
  log: Log,
  device: BlockDevice,
  target: TargetDisk,
  withheld: Withheld,
): Promise<void> {
  const { head, tail } = withheld;
  await device.sync();
  try {
    if (withheld.hasTail()) await device.write(tail.bytes, tail.start);
    if (target.isPartition !== true) await repairGpt(log, device, target, withheld);
    await device.sync();
    await device.write(head.bytes, head.start);
    await device.sync();
  } catch (error) {
    await blankEnds(device, withheld).catch((again: unknown) =>
      log.error('image.blank.failed', { disk: target.path, reason: reasonOf(again) }),
    );
    throw error;
  }
}
