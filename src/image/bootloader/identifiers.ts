import { basename } from 'node:path';
import { type BlockNode, DeviceNotFound, deepestFirst, inspectHolders } from '../../hardware/index.ts';
import { blkidContents, type Contents, findfs } from '../../system/index.ts';
import type { ImagePorts, TargetDisk } from '../ports.ts';

/** A partition of the disk with the names by which a conductor or an fstab may call it. */
export interface NamedPartition extends Pick<Contents, 'type' | 'uuid' | 'partUuid' | 'label'> {
  /** `/dev/sda2` */
  readonly device: string;
  /** In the partition table. */
  readonly number: number;
}

const treeOf = async (ports: ImagePorts, disk: TargetDisk): Promise<readonly BlockNode[]> =>
  deepestFirst((await inspectHolders(ports, { kname: basename(disk.path) })).root);

/** Every partition of the disk by number, as the devices themselves say and not as udev remembers. */
export async function namedPartitions(
  ports: ImagePorts,
  disk: TargetDisk,
  signal: AbortSignal,
): Promise<readonly NamedPartition[]> {
  const found: NamedPartition[] = [];
  for (const { path, partition } of await treeOf(ports, disk)) {
    if (partition === null) continue;
    const { type, uuid, partUuid, label } = await ports.tools.run(blkidContents, { device: path }, signal);
    found.push({ device: path, number: partition, type, uuid, partUuid, label });
  }
  return found.toSorted((a, b) => a.number - b.number);
}

/** FAT and MBR identifiers are written in either case. */
const same = (a: string | null, b: string) => a !== null && a.toLowerCase() === b.toLowerCase();

/** The first partition whose file system UUID, partition UUID or label is the identifier. */
export const byIdentifier = (partitions: readonly NamedPartition[], identifier: string): NamedPartition | undefined =>
  partitions.find(
    ({ uuid, partUuid, label }) => same(uuid, identifier) || same(partUuid, identifier) || label === identifier,
  );

const describe = (partitions: readonly NamedPartition[]): string =>
  partitions
    .map(
      ({ device, uuid, partUuid, label }) =>
        `${device} (${[uuid, partUuid, label].filter((one) => one !== null).join(', ')})`,
    )
    .join(', ');

/** Something else that stands on the disk, such as a logical volume; what lies on another disk is never answered. */
async function byFindfs(
  ports: ImagePorts,
  disk: TargetDisk,
  identifier: string,
  signal: AbortSignal,
): Promise<{ readonly device: string | null; readonly elsewhere: string | null }> {
  const ours = (await treeOf(ports, disk)).map(({ path }) => path);
  let elsewhere: string | null = null;
  for (const tag of ['UUID', 'PARTUUID'] as const) {
    const found = await ports.tools.run(findfs, { tag, value: identifier }, signal);
    const device = found === null ? null : ((await ports.files.real(found)) ?? found);
    if (device !== null && ours.includes(device)) return { device, elsewhere: null };
    elsewhere ??= device;
  }
  return { device: null, elsewhere };
}

/**
 * The device on this disk with the file system UUID, partition UUID or label (imaging 6.3). The reference also takes one
 * on another disk, which would then be written to.
 * @throws DeviceNotFound
 */
export async function findDevice(
  ports: ImagePorts,
  disk: TargetDisk,
  identifier: string,
  signal: AbortSignal,
): Promise<string> {
  const partitions = await namedPartitions(ports, disk, signal);
  const named = identifier === '' ? undefined : byIdentifier(partitions, identifier);
  if (named !== undefined) return named.device;
  const { device, elsewhere } = await byFindfs(ports, disk, identifier, signal);
  if (device !== null) return device;
  const other = elsewhere === null ? '' : `; ${elsewhere} has it, which is on another disk`;
  throw DeviceNotFound(`no partition of ${disk.path} has the UUID, PARTUUID or label "${identifier}"${other}`, {
    hint: `there are ${partitions.length === 0 ? 'none' : describe(partitions)}`,
  });
}
