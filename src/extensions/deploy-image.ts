import { type Static, Type } from 'typebox';
import type { Node, Run } from '../core/index.ts';
import { type Disk, findRootDisk, prepareDiskForImage } from '../hardware/index.ts';
import {
  assertRecognisable,
  type DriveContent,
  type ImagePlan,
  type ImageReport,
  loadConfigDrive,
  type PartitionRequest,
  placeConfigDrive,
  planImage,
  planPartitions,
  writeImage,
  writePartitionImage,
} from '../image/index.ts';
import { isRecord } from './node.ts';
import type { AgentPorts } from './ports.ts';

/** What `prepare_image` and the step `write_image` take. `image_info` is checked by the image room. */
export const DeployArguments = Type.Object({
  image_info: Type.Record(Type.String(), Type.Unknown()),
  configdrive: Type.Optional(Type.Union([Type.String(), Type.Null()])),
});
export type DeployArguments = Static<typeof DeployArguments>;

/** The explicit argument wins; conductors send both (imaging.md 1.2). */
export function configDriveOf({ image_info, configdrive }: DeployArguments): string | null {
  if (configdrive !== undefined && configdrive !== null) return configdrive;
  return typeof image_info.configdrive === 'string' ? image_info.configdrive : null;
}

/** What both kinds of image need. */
interface DeployJob {
  readonly plan: ImagePlan;
  readonly drive: DriveContent | null;
  readonly disk: Disk;
  readonly node: Node | null;
  readonly run: Run<AgentPorts>;
}

/** Text that the reference gives, next to facts for those who want to compute with them (imaging.md 1.2, 1.9). */
const resultOf = (id: string, disk: Disk, report: ImageReport, uuids: string) => ({
  result: `prepare_image: image (${id}) written to device ${disk.path} ${uuids}`,
  device: disk.path,
  url: report.urlWithoutQuery,
  format: report.format,
  wire_bytes: report.wireBytes,
  disk_bytes: report.diskBytes,
  hole_bytes: report.holeBytes,
  virtual_size: report.virtualSize,
  algorithm: report.algorithm,
  digest: report.digest,
  duration_ms: report.durationMs,
});

async function deployWholeDisk({ plan, drive, disk, run }: DeployJob) {
  const { ports, progress, signal } = run;
  const { image, settings, written } = ports;
  const beforeFirstWrite = async () => {
    written.remember(null);
    await prepareDiskForImage(ports.hardware, disk, settings.busyDisk, progress, signal);
    return disk;
  };
  const report = await writeImage(image, plan, disk, { beforeFirstWrite }, progress, signal);
  await assertRecognisable(image, disk, signal);
  const rules = settings.image;
  if (drive !== null) await placeConfigDrive(image, disk, { content: drive, rules }, progress, signal);
  written.remember({ disk: disk.path, uuids: { 'root uuid': report.mbrSignature } });
  return resultOf(plan.id, disk, report, `root_uuid=${report.mbrSignature}`);
}

/** A partition image gets a new table around it, or the table of the last deployment (imaging.md 4). */
async function deployPartitions({ plan, drive, disk, node, run }: DeployJob, request: PartitionRequest) {
  const { ports, progress, signal } = run;
  const { image, settings, written } = ports;
  const input = { disk, node, request, drive, settings: settings.image };
  const partitions = await planPartitions(image, input, signal);
  const order = {
    ...{ image: plan, partitions },
    settings: { partitionLooks: settings.image.partitionLooks, busyDisk: settings.busyDisk },
    onBegin: () => written.remember(null),
  };
  const report = await writePartitionImage(image, disk, order, progress, signal);
  written.remember({ disk: disk.path, uuids: report.uuids });
  const { rootUuid, espUuid } = report;
  const esp = request.deployBootMode === 'uefi' && espUuid !== null ? ` efi_system_partition_uuid=${espUuid}` : '';
  return resultOf(plan.id, disk, report.image, `root_uuid=${rootUuid}${esp}`);
}

/** Chooses the disk, writes the image to it with its config drive, and records what is there now. */
export async function deployImage(args: DeployArguments, node: Node | null, run: Run<AgentPorts>) {
  const { ports, signal } = run;
  const { settings } = ports;
  const plan = planImage(args.image_info, settings.image);
  const given = configDriveOf(args);
  // Before anything is destroyed: a config drive that cannot be read must not cost the disk its content.
  const drive = given === null ? null : await loadConfigDrive(ports.image, given, settings.image, signal);
  const { disk } = await findRootDisk(ports.hardware, node, { parity: settings.rootDiskParity }, signal);
  const job = { plan, drive, disk, node, run };
  return plan.partitions === null ? deployWholeDisk(job) : deployPartitions(job, plan.partitions);
}

const hasHints = (node: Node | null): boolean =>
  [node?.instance_info, node?.properties].some((info) => isRecord(info?.root_device));

/** The node for a command that brings none: a cached record without root device hints may be older than the hints. */
export async function nodeWithHints({ node, ports, signal }: Run<AgentPorts>): Promise<Node | null> {
  return hasHints(node) ? node : ((await ports.node.refresh(signal)) ?? node);
}
