import { DeploymentFailed, reasonOf, type Tell } from '../../core/index.ts';
import { BlockDeviceFailed, ProtectedDevice } from '../errors.ts';
import type { HardwarePorts } from '../ports.ts';
import { type FreeSettings, waitUntilFree } from './busy.ts';
import type { Disk } from './disk.ts';
import { performErase, wipeDisk, wipePartition } from './erase/index.ts';
import { type HolderTree, inspectHolders } from './holders.ts';
import { settle } from './list.ts';
import { isVirtualMedia } from './media.ts';
import { planRelease, release } from './release.ts';

/** LVM and md may start again by themselves between release and wipe. */
const ROUNDS = 3;

/**
 * Makes a disk empty and free: stops what stands on it, removes all metadata, waits until nobody uses it
 * (imaging 3.2 and "do better").
 * @throws ProtectedDeviceError for the running system or BMC media; BlockDeviceError or BlockDeviceEraseError for what
 * cannot be stopped or wiped; DeploymentError when a process keeps it open
 */
export async function prepareDiskForImage(
  ports: HardwarePorts,
  disk: Disk,
  settings: FreeSettings,
  tell: Tell,
  signal?: AbortSignal,
): Promise<void> {
  if (disk.readOnly) throw BlockDeviceFailed(`${disk.path} is read-only`);
  if (isVirtualMedia(disk)) throw ProtectedDevice(`${disk.path} is virtual media of the BMC`);
  const said = (done: number) => tell({ phase: 'prepare-disk', done, total: 3, unit: 'items', on: disk.path });
  said(0);
  await freeAndWipe(ports, disk, settings, said, signal);
  await settle(ports, signal);
  await waitUntilFree(ports, disk.path, settings, signal);
  const left = planRelease(await inspectHolders(ports, disk));
  if (left.length > 0) throw DeploymentFailed(`${disk.path} was taken again after wiping: ${left[0]?.device}`);
  said(3);
}

async function freeAndWipe(
  ports: HardwarePorts,
  disk: Disk,
  settings: FreeSettings,
  said: (done: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  for (let round = 1; ; round += 1) {
    const tree = await inspectHolders(ports, disk);
    const acts = planRelease(tree);
    try {
      for (const act of acts) await release(ports, act, signal);
      said(1);
      await wipe(ports, tree, signal);
      return said(2);
    } catch (error) {
      signal?.throwIfAborted();
      const taken = planRelease(await inspectHolders(ports, disk));
      if (round === ROUNDS || taken.length === 0) throw error;
      ports.log.warn('disk.prepare.again', { disk: disk.path, round, reason: reasonOf(error) });
      await ports.clock.sleep(settings.waitMs, signal);
    }
  }
}

async function wipe(ports: HardwarePorts, { root }: HolderTree, signal?: AbortSignal): Promise<void> {
  const parts = root.children.filter((child) => child.kind === 'part').toReversed();
  for (const act of [...parts.flatMap(wipePartition), ...wipeDisk(root)]) await performErase(ports, act, signal);
}
