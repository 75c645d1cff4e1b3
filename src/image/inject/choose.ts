import { CommandExecutionFailed } from '../../core/index.ts';
import { DeviceNotFound } from '../../hardware/index.ts';
import { describePartition, type PartitionRef } from './partition.ts';
import type { Candidate } from './survey.ts';

/** What the deployed systems are made of. Others are not mounted: each driver is one more that a hostile image can reach. */
const MOUNTABLE: readonly string[] = ['ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'vfat'];

export interface Target {
  readonly device: string;
  /** File system. */
  readonly type: string;
}

export const isMountable = ({ type }: Pick<Candidate, 'type'>): boolean => type !== null && MOUNTABLE.includes(type);

/** @throws CommandExecutionError when it holds nothing that is mounted */
export function targetOf({ device, type }: Pick<Candidate, 'device' | 'type'>): Target {
  if (type !== null && MOUNTABLE.includes(type)) return { device, type };
  throw CommandExecutionFailed(`${device} has ${type ?? 'no known file system'}, not one of ${MOUNTABLE.join(', ')}`, {
    hint:
      type === 'LVM2_member'
        ? 'its volume group is not active; name the device of the volume'
        : 'name another partition',
  });
}

export const listCandidates = (candidates: readonly Candidate[]): string =>
  candidates.length === 0
    ? 'it has no partitions'
    : candidates
        .map(({ device, type, label }) => `${device} (${[type ?? 'unknown', label].filter(Boolean).join(' ')})`)
        .join(', ');

const same = (a: string | null, b: string) => a?.toLowerCase() === b.toLowerCase();

/** UUIDs in any case, labels as they are written. */
function fits(ref: PartitionRef, { number, partUuid, uuid, partLabel, label }: Candidate): boolean {
  if (ref.by === 'number') return number === ref.number;
  if (ref.by === 'partuuid') return same(partUuid, ref.value);
  if (ref.by === 'uuid') return same(uuid, ref.value);
  if (ref.by === 'partlabel') return partLabel === ref.value;
  if (ref.by === 'label') return label === ref.value;
  if (ref.by !== 'any') return false;
  return same(partUuid, ref.value) || same(uuid, ref.value) || partLabel === ref.value || label === ref.value;
}

/** The one candidate that an entry names. @throws DeviceNotFound when there is none, or more than one */
export function chooseCandidate(ref: PartitionRef, disk: string, candidates: readonly Candidate[]): Candidate {
  const hits = candidates.filter((candidate) => fits(ref, candidate));
  const [hit] = hits;
  const what = describePartition(ref);
  if (hit === undefined) throw DeviceNotFound(`${disk} has no ${what}: ${listCandidates(candidates)}`);
  if (hits.length === 1) return hit;
  throw DeviceNotFound(`${what} of ${disk} may be ${listCandidates(hits)}`, { hint: 'name the device' });
}
