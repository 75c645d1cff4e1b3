import { DeploymentFailed, reasonOf, type Tell } from '../../core/index.ts';
import { BlockDeviceFailed, ProtectedDevice } from '../errors.ts';
import type { HardwarePorts } from '../ports.ts';
import { type FreeSettings, waitUntilFree } from './busy.ts';
import type { Disk } from './disk.ts';
import { type EraseAct, performErase, wipeDisk, wipePartition } from './erase/index.ts';
import { type HolderTree, inspectHolders } from './holders.ts';
import { settle } from './list.ts';
import { isVirtualMedia } from './media.ts';
import { planRelease, type ReleaseAct, release } from './release.ts';

/** LVM and md may start again by themselves between release and wipe. */
const ROUNDS = 3;

/**
 * Makes a disk empty and free: stops what stands on it, removes all metadata, waits until nobody uses it
 * (imaging 3.2 and "do better").
 * @throws ProtectedDeviceError for the running system or BMC media; BlockDeviceError or BlockDeviceEraseError for what
 * cannot be stopped or wiped; DeploymentError when a process keeps it open
 */
export function prepareDiskForImage(
  ports: HardwarePorts,
  disk: Disk,
  settings: FreeSettings,
  tell: Tell,
  signal?: AbortSignal,
): Promise<void> {
  return prepare(ports, disk, { settings, scope: wholeDisk, devices: [disk.path] }, tell, signal);
}

/**
 * The same for some partitions of a disk, whose table and other partitions stay as they are.
 * @param partitions their device paths
 */
export function preparePartitionsForImage(
  ports: HardwarePorts,
  disk: Disk,
  { partitions, settings }: { readonly partitions: readonly string[]; readonly settings: FreeSettings },
  tell: Tell,
  signal?: AbortSignal,
): Promise<void> {
  return prepare(ports, disk, { settings, scope: only(partitions), devices: partitions }, tell, signal);
}

interface How {
  readonly settings: FreeSettings;
  readonly scope: Scope;
  /** What nobody may have open in the end. */
  readonly devices: readonly string[];
}

async function prepare(ports: HardwarePorts, disk: Disk, how: How, tell: Tell, signal?: AbortSignal): Promise<void> {
  const { settings, scope, devices } = how;
  assertWritable(disk);
  const said = (done: number) => tell({ phase: 'prepare-disk', done, total: 3, unit: 'items', on: disk.path });
  said(0);
  await freeAndWipe(ports, disk, how, said, signal);
  await settle(ports, signal);
  for (const device of devices) await waitUntilFree(ports, device, settings, signal);
  const [left] = scope(await inspectHolders(ports, disk)).flatMap((part) => part.release);
  if (left !== undefined) throw DeploymentFailed(`${disk.path} was taken again after wiping: ${left.device}`);
  said(3);
}

function assertWritable(disk: Disk): void {
  if (disk.readOnly) throw BlockDeviceFailed(`${disk.path} is read-only`);
  if (isVirtualMedia(disk)) throw ProtectedDevice(`${disk.path} is virtual media of the BMC`);
}

/** What must be undone and what is wiped then. */
interface Part {
  readonly release: readonly ReleaseAct[];
  readonly wipe: readonly EraseAct[];
}
/** @throws as `planRelease` */
type Scope = (tree: HolderTree) => readonly Part[];

const wholeDisk: Scope = (tree) => {
  const parts = tree.root.children.filter((child) => child.kind === 'part').toReversed();
  return [{ release: planRelease(tree), wipe: [...parts.flatMap(wipePartition), ...wipeDisk(tree.root)] }];
};

const only =
  (partitions: readonly string[]): Scope =>
  ({ root }) =>
    root.children
      .filter((child) => partitions.includes(child.path))
      .map((part) => ({ release: planRelease({ disk: part.path, root: part }), wipe: wipePartition(part) }));

async function freeAndWipe(
  ports: HardwarePorts,
  disk: Disk,
  { settings, scope }: How,
  said: (done: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  for (let round = 1; ; round += 1) {
    const parts = scope(await inspectHolders(ports, disk));
    try {
      for (const act of parts.flatMap((part) => part.release)) await release(ports, act, signal);
      said(1);
      for (const act of parts.flatMap((part) => part.wipe)) await performErase(ports, act, signal);
      return said(2);
    } catch (error) {
      signal?.throwIfAborted();
      const taken = scope(await inspectHolders(ports, disk)).flatMap((part) => part.release);
      if (round === ROUNDS || taken.length === 0) throw error;
      ports.log.warn('disk.prepare.again', { disk: disk.path, round, reason: reasonOf(error) });
      await ports.clock.sleep(settings.waitMs, signal);
    }
  }
}
