import { randomUUID } from 'node:crypto';
import { DeploymentFailed, type Tell } from '../../core/index.ts';
import { sfdiskAppend, sgdiskAppend, wipefsAll } from '../../system/index.ts';
import { rescan } from '../disk/index.ts';
import type { ImagePorts, ImageSettings, TargetDisk } from '../ports.ts';
import type { DriveContent, DriveKind } from './content.ts';
import { fatSectorBytes } from './fat.ts';
import { type DrivePlan, type Partition, planDrive } from './plan.ts';
import { surveyDisk } from './survey.ts';
import { rebuildAsFat, writeAndVerify } from './write.ts';

export interface ConfigDriveReport {
  readonly device: string;
  readonly bytes: number;
  readonly kind: DriveKind;
  /** Its partition was there before, with the label config-2. */
  readonly reused: boolean;
}

type Rules = Pick<ImageSettings, 'configDriveAsFat' | 'partitionLooks'>;

const LOOK_MS = 1_000;
const ISO_BLOCK = 2048;

/** FAT32 LBA, what tools expect of a config drive on a DOS table. */
const DOS_TYPE = 'c';

async function append(ports: ImagePorts, disk: string, plan: DrivePlan, signal: AbortSignal): Promise<void> {
  if (plan.kind === 'append-gpt') {
    const partition = { device: disk, mib: plan.mib, guid: randomUUID(), name: 'config-2' };
    await ports.tools.run(sgdiskAppend, partition, signal);
  }
  if (plan.kind === 'append-dos') {
    const partition = { device: disk, start: plan.start, sectors: plan.sectors, type: DOS_TYPE };
    await ports.tools.run(sfdiskAppend, partition, signal);
  }
}

/** The partition that was not there before. */
async function added(
  ports: ImagePorts,
  target: TargetDisk,
  before: readonly Partition[],
  looks: number,
  signal: AbortSignal,
): Promise<Partition> {
  for (let look = 1; look <= looks; look += 1) {
    await rescan(ports, target.path, signal);
    const { partitions } = await surveyDisk(ports, target, 0, signal);
    const fresh = partitions.filter(({ number }) => !before.some((known) => known.number === number));
    const [partition] = fresh;
    if (partition !== undefined && fresh.length === 1) return partition;
    if (look < looks) await ports.clock.sleep(LOOK_MS, signal);
  }
  throw DeploymentFailed(`the new config drive partition of ${target.path} did not appear`, {
    hint: 'the kernel did not accept the changed partition table; see dmesg in the log archive',
  });
}

/**
 * Whether the files move into a new FAT: from an ISO 9660 where the disk's sectors or the operator ask so, from a FAT
 * where its sectors are too small for the disk.
 */
export function becomesFat(
  { kind, bytes }: DriveContent,
  { logicalSectorBytes }: TargetDisk,
  rules: Pick<Rules, 'configDriveAsFat'>,
): boolean {
  if (kind === 'fat') return fatSectorBytes(bytes) < logicalSectorBytes;
  return kind === 'iso9660' && (rules.configDriveAsFat || logicalSectorBytes > ISO_BLOCK);
}

/** Writes the config drive into its partition. @throws DeploymentError */
export async function fillConfigDrive(
  ports: ImagePorts,
  device: string,
  content: DriveContent,
  asFat: boolean,
  signal: AbortSignal,
): Promise<void> {
  // Left-overs of an old array or volume group at this place would be brought up at the next boot.
  await ports.tools.run(wipefsAll, { device }, signal);
  if (asFat) return rebuildAsFat(ports, device, content, signal);
  const { bytes, kind } = content;
  if (kind === 'unknown') ports.log.warn('configdrive.unknown', { device, why: 'neither ISO 9660 nor FAT' });
  return writeAndVerify(device, bytes);
}

/**
 * Writes the config drive onto a disk that holds a whole-disk image: into its partition labelled config-2, else into a
 * new one at the end of the disk (imaging 5.2), as it is or as a FAT with its files.
 * @throws DeploymentError
 */
export async function placeConfigDrive(
  ports: ImagePorts,
  target: TargetDisk,
  { content, rules }: { readonly content: DriveContent; readonly rules: Rules },
  tell: Tell,
  signal: AbortSignal,
): Promise<ConfigDriveReport> {
  const { bytes, kind } = content;
  const asFat = becomesFat(content, target, rules);
  tell({ phase: 'config-drive', done: 0, total: bytes.length, unit: 'bytes', on: target.path });
  await rescan(ports, target.path, signal);
  const situation = await surveyDisk(ports, target, bytes.length, signal);
  const plan = planDrive(situation);
  ports.log.info('configdrive.plan', { disk: target.path, kind, bytes: bytes.length, plan });
  await append(ports, target.path, plan, signal);
  const partition =
    plan.kind === 'reuse'
      ? plan.partition
      : await added(ports, target, situation.partitions, rules.partitionLooks, signal);
  await fillConfigDrive(ports, partition.device, content, asFat, signal);
  await rescan(ports, target.path, signal);
  tell({ phase: 'config-drive', done: bytes.length, total: bytes.length, unit: 'bytes', on: partition.device });
  return { device: partition.device, bytes: bytes.length, kind, reused: plan.kind === 'reuse' };
}
