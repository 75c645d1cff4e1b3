import { blkidUuid } from '../../system/index.ts';
import { rescan } from '../disk/index.ts';
import type { ImagePorts } from '../ports.ts';
import type { PartitionDevice } from './devices.ts';
import { type Role, roleFacts } from './layout/index.ts';
import type { PartitionPlan } from './plan.ts';

/** What `standby.get_partition_uuids` answers for a partition image (imaging 1.7). */
export type PartitionUuids = Readonly<Record<string, string | null | Readonly<Record<string, string>>>>;

export interface Identity {
  readonly rootUuid: string;
  /** Null when there is no EFI system partition. */
  readonly espUuid: string | null;
  readonly uuids: PartitionUuids;
}

/** Reads identifiers from the partitions themselves, after the image is there: that of the file system, else that of the
 * partition. */
export async function identifyPartitions(
  ports: ImagePorts,
  { layout, partUuids }: Pick<PartitionPlan, 'layout' | 'partUuids'>,
  devices: readonly PartitionDevice[],
  signal: AbortSignal,
): Promise<Identity> {
  await rescan(ports, layout.disk.path, signal);
  const uuidOf = async (role: Role) => {
    const found = devices.find((one) => one.role === role);
    if (found === undefined) return null;
    const uuid = await ports.tools.run(blkidUuid, { device: found.device }, signal);
    if (uuid === null && role === 'root')
      ports.log.warn('image.root.unrecognised', { device: found.device, why: 'no file system was found on it' });
    return uuid ?? partUuids.get(found.number) ?? '';
  };
  const [rootUuid, espUuid, prepUuid] = [await uuidOf('root'), await uuidOf('esp'), await uuidOf('prep')];
  const uuids: PartitionUuids = {
    'root uuid': rootUuid ?? '',
    'efi system partition uuid': espUuid,
    ...(prepUuid === null ? {} : { 'PReP Boot partition uuid': prepUuid }),
    partitions: Object.fromEntries(devices.map(({ role, device }) => [roleFacts[role].wire, device])),
  };
  ports.log.info('image.partitions.uuids', { disk: layout.disk.path, ...uuids });
  return { rootUuid: rootUuid ?? '', espUuid, uuids };
}
