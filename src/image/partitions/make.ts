import { basename } from 'node:path';
import type { Tell } from '../../core/index.ts';
import { type Disk, performErase, prepareDiskForImage, preparePartitionsForImage } from '../../hardware/index.ts';
import { mkfsVfat, mkswap } from '../../system/index.ts';
import { fillConfigDrive } from '../configdrive/index.ts';
import type { ImagePorts, TargetDisk } from '../ports.ts';
import { awaitDevices, type PartitionDevice } from './devices.ts';
import { makeFileSystem } from './file-systems.ts';
import type { Role } from './layout/index.ts';
import { type PartitionPlan, rootTarget } from './plan.ts';
import { writeTable } from './table/index.ts';

export interface MadePartitions {
  readonly devices: readonly PartitionDevice[];
  /** Where the image goes. */
  readonly root: TargetDisk;
}

export interface MakeSettings {
  /** Looks, a second apart, for partitions that were just made. */
  readonly partitionLooks: number;
  /** How long a disk may stay busy: pause between tries, and tries. */
  readonly busyDisk: { readonly waitMs: number; readonly retries: number };
}

/** What a rebuild overwrites; a boot loader outside the ESP stays until a new one is installed. */
const OVERWRITTEN: readonly Role[] = ['esp', 'swap', 'config-drive', 'root'];

/** What stood in this place before must not come back as an array, a volume group or a file system. */
async function clear(ports: ImagePorts, device: string, signal: AbortSignal): Promise<void> {
  await performErase(ports, { do: 'wipe-signatures', device }, signal);
  await performErase(ports, { do: 'verify', device, kname: basename(device) }, signal);
}

/** Empty partitions: all of a new table, or those of the kept one that are overwritten. */
async function emptied(
  ports: ImagePorts,
  disk: Disk,
  { layout, ids }: PartitionPlan,
  { partitionLooks, busyDisk }: MakeSettings,
  tell: Tell,
  signal: AbortSignal,
): Promise<readonly PartitionDevice[]> {
  if (ids === null) {
    const devices = await awaitDevices(ports, layout, partitionLooks, signal);
    const partitions = devices.filter(({ role }) => OVERWRITTEN.includes(role)).map(({ device }) => device);
    await preparePartitionsForImage(ports, disk, { partitions, settings: busyDisk }, tell, signal);
    return devices;
  }
  await prepareDiskForImage(ports, disk, busyDisk, tell, signal);
  await writeTable(ports, layout, ids, signal);
  const devices = await awaitDevices(ports, layout, partitionLooks, signal);
  for (const { device } of devices) await clear(ports, device, signal);
  return devices;
}

/** Gives one partition its content; the root gets the image later. */
async function fill(ports: ImagePorts, plan: PartitionPlan, { role, device }: PartitionDevice, signal: AbortSignal) {
  const { tools } = ports;
  const { request, drive } = plan;
  if (role === 'esp') await tools.run(mkfsVfat, { device, label: 'efi-part' }, signal);
  if (role === 'swap') await tools.run(mkswap, { device, label: 'swap1' }, signal);
  if (role === 'ephemeral' && !request.preserveEphemeral)
    await makeFileSystem(ports, request.ephemeralFormat, { device, label: 'ephemeral0' }, signal);
  if (role === 'config-drive' && drive !== null)
    await fillConfigDrive(ports, device, drive.content, drive.asFat, signal);
}

/**
 * Makes the disk free and empty, writes the table, waits for the devices and fills every partition but the root
 * (imaging 4.4). With `preserve_ephemeral` table and ephemeral partition stay as they are.
 * @throws the errors of `prepareDiskForImage`; DeploymentError, ImageWriteError, ToolFailed
 */
export async function makePartitions(
  ports: ImagePorts,
  disk: Disk,
  { plan, settings }: { readonly plan: PartitionPlan; readonly settings: MakeSettings },
  tell: Tell,
  signal: AbortSignal,
): Promise<MadePartitions> {
  const devices = await emptied(ports, disk, plan, settings, tell, signal);
  const made = devices.map(({ role, device }) => ({ role, device }));
  ports.log.info('image.partitions.made', { disk: disk.path, made });
  for (const [done, partition] of devices.entries()) {
    tell({ phase: 'partitions', done, total: devices.length, unit: 'items', on: partition.device });
    await fill(ports, plan, partition, signal);
  }
  const total = devices.length;
  tell({ phase: 'partitions', done: total, total, unit: 'items', on: disk.path });
  const root = devices.find(({ role }) => role === 'root');
  return { devices, root: { ...rootTarget(plan), path: root?.device ?? '' } };
}
