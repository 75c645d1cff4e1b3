import { type Node, reasonOf } from '../../../core/index.ts';
import { BlockDeviceEraseFailed, ProtectedDevice } from '../../errors.ts';
import type { BlockNode } from '../holders.ts';
import { isVirtualMedia } from '../media.ts';
import { planRelease, type ReleaseAct, systemUseOf } from '../release.ts';
import { isArray, readSkipList, tierOf } from '../root/index.ts';
import { type EraseAct, wipeDisk, wipePartition } from './acts.ts';
import { closeProtection, type Protection } from './closure.ts';
import type { DiskFacts } from './facts.ts';
import { mayWipeSharedData, sharedDataOn } from './guard.ts';

export interface EraseSettings {
  /** Refuse when a cluster file system is found (option `guard_special_filesystems`). */
  readonly guardSpecialFilesystems: boolean;
}

export type DevicePlan =
  | { readonly verdict: 'erase'; readonly path: string; readonly acts: readonly EraseAct[] }
  | { readonly verdict: 'skip'; readonly path: string; readonly reason: string }
  /** Nothing is written to it and the step fails, after the other disks are done. */
  | { readonly verdict: 'fail'; readonly path: string; readonly reason: string };

export interface DiskPlan {
  readonly path: string;
  /** What must be undone first. */
  readonly release: readonly ReleaseAct[];
  /** Partitions before their disk. */
  readonly devices: readonly DevicePlan[];
}
export interface MetadataErasePlan {
  readonly disks: readonly DiskPlan[];
}

/**
 * Every device with its acts or the reason for leaving it. Pure: all guards speak before the first write.
 * @throws ProtectedDeviceError when shared data or the running system would be destroyed
 * @throws BlockDeviceEraseError when the skip list is unusable or a RAID member would silently keep its data
 */
export function planMetadataErase(
  all: readonly DiskFacts[],
  node: Node | null,
  settings: EraseSettings,
): MetadataErasePlan {
  const protection = closeProtection(
    all.map((facts) => facts.tree.root),
    seedsOf(all, node),
  );
  const whole = new Map(all.map((facts) => [facts.disk.kname, wholeSkip(facts, protection)]));
  const open = all.filter((facts) => (whole.get(facts.disk.kname) ?? null) === null);
  const carriers = refuseOrCarry(open, protection, settings.guardSpecialFilesystems && !mayWipeSharedData(node));
  const disks = all.map((facts) => {
    const reason = whole.get(facts.disk.kname) ?? null;
    if (reason !== null) return { path: facts.disk.path, release: [], devices: skipAll(facts, reason) };
    return planDisk(facts, protection, carriers);
  });
  return { disks };
}

const partsOf = (facts: DiskFacts) => facts.tree.root.children.filter((child) => child.kind === 'part');
const LINUX_RAID = /^linux_raid_member$/i;
const ANY_RAID = /_raid_member$/i;
const hasType = (facts: DiskFacts, kname: string, type: RegExp) =>
  (facts.signatures.get(kname) ?? []).some((signature) => type.test(signature.type));
const isMember = (facts: DiskFacts, kname: string) => hasType(facts, kname, ANY_RAID);

/** What the operator protects by name, before it spreads. */
function seedsOf(all: readonly DiskFacts[], node: Node | null): ReadonlyMap<string, string> {
  const skip = readSkipList(node);
  if (typeof skip === 'string') throw BlockDeviceEraseFailed(`nothing was erased: ${skip}`);
  const seeds = new Map<string, string>();
  for (const facts of all) {
    const { disk, tree } = facts;
    const devices = [tree.root, ...partsOf(facts)];
    for (const device of devices) {
      const own = device === tree.root ? {} : { byPath: null, allByPaths: [] };
      const reason = skip.reasonFor({ ...disk, ...own, path: device.path, kname: device.kname, size: device.size });
      if (reason !== null) seeds.set(device.kname, reason);
    }
    if (!skip.protectsRaid) continue;
    const arrays = devices.filter((d) => (d === tree.root && isArray(disk)) || isMember(facts, d.kname) || hasArray(d));
    for (const device of arrays) seeds.set(device.kname, 'skip_block_devices names a RAID volume');
  }
  return seeds;
}

const hasArray = (device: BlockNode) => device.children.some((child) => child.kind === 'md');

/** Why the disk and all its partitions are left alone, or null. */
function wholeSkip(facts: DiskFacts, protection: Protection): string | null {
  const { disk, tree } = facts;
  const kept = protection.kept.get(disk.kname);
  if (kept !== undefined) return kept;
  const labels = (facts.signatures.get(disk.kname) ?? []).flatMap((signature) => signature.label ?? []);
  if (isVirtualMedia(disk, labels)) return 'virtual media of the BMC';
  if (disk.readOnly) return 'read-only';
  if (/^mmcblk\d+(boot|rpmb)\d*$/.test(disk.kname)) return 'boot area of an eMMC';
  const use = systemUseOf(tree.root);
  return use !== null && tierOf(disk) === 1 ? `medium of the running system: ${use}` : null;
}

const skipAll = (facts: DiskFacts, reason: string): readonly DevicePlan[] =>
  [...partsOf(facts), facts.tree.root].map(({ path }) => ({ verdict: 'skip', path, reason }));

/** Throws on what must stop the whole step; answers with the RAID members whose array is erased in their stead. */
function refuseOrCarry(
  open: readonly DiskFacts[],
  { kept }: Protection,
  guarded: boolean,
): ReadonlyMap<string, string> {
  const used = open.flatMap(({ disk, tree }) => {
    const use = systemUseOf(tree.root);
    return use === null ? [] : [`${disk.path}: ${use}`];
  });
  if (used.length > 0)
    throw ProtectedDevice(`nothing was erased: ${used.join('; ')}`, {
      hint: 'list the disk in skip_block_devices, or boot the agent from a ramdisk',
    });
  const shared = guarded ? open.flatMap(sharedDataOn).filter(({ kname }) => !kept.has(kname)) : [];
  if (shared.length > 0)
    throw ProtectedDevice(
      `nothing was erased, other machines may use this data: ${shared.map(({ text }) => text).join('; ')}`,
      {
        hint: 'list the disk in skip_block_devices, or set driver_info wipe_special_filesystems=true to erase it',
      },
    );
  return raidMembers(open, kept);
}

/** An array that runs; a container of firmware RAID and what did not start have no size, and no content. */
const isVolume = ({ kind, size, dmUuid }: BlockNode) =>
  (kind === 'md' && size > 0) || dmUuid?.startsWith('DMRAID-') === true;

/**
 * A Linux member without its array is refused: another disk of it may be missing (steps 3.4). What a RAID controller
 * left on a disk says nothing as long as no volume stands on it.
 */
function raidMembers(open: readonly DiskFacts[], kept: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const erased = new Set(open.map(({ disk }) => disk.kname));
  const members = new Map<string, string>();
  const stale: string[] = [];
  for (const facts of open)
    for (const device of [facts.tree.root, ...partsOf(facts)]) {
      if (kept.has(device.kname)) continue;
      const volumes = device.children.filter(isVolume);
      if (!hasType(facts, device.kname, LINUX_RAID) && !(isMember(facts, device.kname) && volumes.length > 0)) continue;
      const array = volumes.find((child) => erased.has(child.kname));
      if (array === undefined) stale.push(device.path);
      else members.set(device.kname, `member of ${array.path}, which is erased itself`);
    }
  if (stale.length === 0) return members;
  throw BlockDeviceEraseFailed(
    `nothing was erased: ${stale.join(', ')} belong to RAID that is not running or not erased`,
    {
      hint: 'connect the disks that are missing, or end that RAID in a shell of the ramdisk (mdadm --stop, mdadm --zero-superblock), or list the disks in skip_block_devices',
    },
  );
}

/** Extended partitions of an MBR: they hold the table of the logical ones. */
const EXTENDED = ['0x5', '0xf', '0x85'];

function planDisk(facts: DiskFacts, protection: Protection, members: ReadonlyMap<string, string>): DiskPlan {
  const { disk, tree } = facts;
  if (facts.problem !== null)
    return { path: disk.path, release: [], devices: [fail(disk.path, `cannot be examined: ${facts.problem}`)] };
  const keptBy = (device: BlockNode) => protection.kept.get(device.kname) ?? members.get(device.kname);
  const parts = partsOf(facts);
  const inner = parts.map(keptBy).find((reason) => reason !== undefined);
  const reasonFor = (part: BlockNode) => {
    const isExtended = EXTENDED.includes(facts.partTypes.get(part.partition ?? -1) ?? '');
    return keptBy(part) ?? (isExtended && inner !== undefined ? `holds a kept partition: ${inner}` : undefined);
  };
  const carried = protection.carriers.get(disk.kname) ?? members.get(disk.kname);
  const diskReason = carried ?? (inner === undefined ? undefined : `holds a kept partition: ${inner}`);
  const plans = parts.map((part) => plan(part.path, reasonFor(part), wipePartition(part)));
  const top = plan(disk.path, diskReason, wipeDisk(tree.root));
  try {
    const free = diskReason === undefined ? [tree.root] : parts.filter((part) => reasonFor(part) === undefined);
    const release = free.flatMap((root) => planRelease({ disk: root.path, root }));
    // Logical partitions before the extended one.
    return { path: disk.path, release, devices: [...plans.toReversed(), top] };
  } catch (error) {
    return { path: disk.path, release: [], devices: [fail(disk.path, reasonOf(error))] };
  }
}

const fail = (path: string, reason: string): DevicePlan => ({ verdict: 'fail', path, reason });
const plan = (path: string, reason: string | undefined, acts: readonly EraseAct[]): DevicePlan =>
  reason === undefined ? { verdict: 'erase', path, acts } : { verdict: 'skip', path, reason };
