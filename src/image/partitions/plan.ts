import { randomUUID } from 'node:crypto';
import { MiB, type Node } from '../../core/index.ts';
import { readFromDevice } from '../../system/index.ts';
import { becomesFat, type DriveContent } from '../configdrive/index.ts';
import type { PartitionRequest } from '../plan/index.ts';
import type { ImagePorts, ImageSettings, TargetDisk } from '../ports.ts';
import { requireFileSystem } from './file-systems.ts';
import { type BootDecision, decideBoot, describePartitions, type Layout, planLayout } from './layout/index.ts';
import { matchExisting, partUuid, readTable, type TableIds } from './table/index.ts';

export interface PartitionInput {
  readonly disk: TargetDisk;
  readonly node: Node | null;
  readonly request: PartitionRequest;
  readonly drive: DriveContent | null;
  readonly settings: ImageSettings;
}

/** All that will be done to the partitions of a disk; nothing of it has happened. */
export interface PartitionPlan {
  readonly layout: Layout;
  readonly decision: BootDecision;
  readonly request: PartitionRequest;
  /** Of a new table; null when the one on the disk is kept. */
  readonly ids: TableIds | null;
  /** Identifiers of the partitions by number, as the kernel knows them. */
  readonly partUuids: ReadonlyMap<number, string>;
  readonly drive: { readonly content: DriveContent; readonly asFat: boolean } | null;
  /** The plan for people. */
  readonly lines: readonly string[];
}

/** A FAT with the files of an ISO needs clusters, tables and a directory of its own. */
const fatMib = (isoMib: number) => 2 * isoMib + 4;

function driveOf({ drive, disk, settings }: PartitionInput) {
  if (drive === null) return { drive: null, driveMib: 0 };
  const asFat = becomesFat(drive, disk, settings);
  const mib = Math.ceil(drive.bytes.length / MiB);
  return { drive: { content: drive, asFat }, driveMib: asFat ? fatMib(mib) : mib };
}

/** The first MiB of a disk holds every table the agent knows. */
async function tableOn({ path, logicalSectorBytes }: TargetDisk) {
  return readTable(await readFromDevice(path, 0, MiB), logicalSectorBytes);
}

/** Identifiers of a new table, or places and identifiers of the one that is kept. */
async function tableFor({ request, disk, drive }: PartitionInput, layout: Layout, asFat: boolean) {
  if (!request.preserveEphemeral) {
    const ids = { disk: randomUUID(), partitions: layout.partitions.map(() => randomUUID()) };
    const byNumber = layout.partitions.map(({ number }) => [number, partUuid(layout, ids, number)] as const);
    return { layout, ids, partUuids: new Map(byNumber) };
  }
  const found = await tableOn(disk);
  const planned = layout.partitions.find(({ role }) => role === 'config-drive')?.bytes ?? 0;
  const driveBytes = asFat ? planned : (drive?.bytes.length ?? 0);
  const kept = matchExisting(layout, found, driveBytes);
  return { layout: kept, ids: null, partUuids: new Map(found.partitions.map((one) => [one.number, one.partUuid])) };
}

/**
 * Decides everything about the partitions around a partition image (imaging 4) and checks that it can be done: sizes,
 * programs, and with `preserve_ephemeral` the table that is there. Reads only.
 * @throws DeploymentError, FileSystemNotSupported
 */
export async function planPartitions(
  ports: ImagePorts,
  input: PartitionInput,
  signal: AbortSignal,
): Promise<PartitionPlan> {
  const { disk, node, request, settings } = input;
  const uefi = (await ports.files.kind('/sys/firmware/efi')) === 'dir';
  const decision = decideBoot({ node, running: uefi ? 'uefi' : 'bios', conductorSays: request.deployBootMode });
  const { drive, driveMib } = driveOf(input);
  const { espMib, biosBootMib } = settings;
  const shape = { disk, request, driveMib, espMib, biosBootMib, arch: process.arch };
  const wanted = planLayout({ ...shape, label: decision.label, bootMode: decision.bootMode });
  const makesEphemeral = request.ephemeralMib > 0 && !request.preserveEphemeral;
  if (makesEphemeral) await requireFileSystem(ports, request.ephemeralFormat, signal);
  const table = await tableFor(input, wanted, drive?.asFat ?? false);
  const content = { ephemeralFormat: request.ephemeralFormat, preserved: request.preserveEphemeral };
  const lines = describePartitions(table.layout, decision, content);
  for (const warning of decision.warnings) ports.log.warn('image.partitions.odd', { disk: disk.path, warning });
  for (const line of lines) ports.log.info('image.partitions.plan', { line });
  return { ...table, decision, request, drive, lines };
}

/** The root partition as far as it is known before it exists: its path is for people only. */
export function rootTarget({ layout }: PartitionPlan): TargetDisk {
  const { path, logicalSectorBytes } = layout.disk;
  const size = layout.partitions.find(({ role }) => role === 'root')?.bytes ?? 0;
  return { path: `${path} (root partition)`, size, logicalSectorBytes, isPartition: true };
}
