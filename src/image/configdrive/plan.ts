import { DeploymentFailed, MiB } from '../../core/index.ts';

export const DRIVE_MIB = 64;

export interface Partition {
  readonly number: number;
  readonly device: string;
  readonly bytes: number;
  readonly label: string | null;
}

export type TableKind = 'gpt' | 'dos' | 'none';

export interface DosEntry {
  readonly start: number;
  readonly sectors: number;
}

export interface DriveSituation {
  readonly disk: string;
  readonly table: TableKind;
  readonly partitions: readonly Partition[];
  /** Used entries of the DOS table; empty for GPT. */
  readonly dosEntries: readonly DosEntry[];
  readonly diskBytes: number;
  readonly sectorBytes: number;
  readonly driveBytes: number;
}

export type DrivePlan =
  | { readonly kind: 'reuse'; readonly partition: Partition }
  | { readonly kind: 'append-gpt'; readonly mib: number }
  | { readonly kind: 'append-dos'; readonly start: number; readonly sectors: number };

const DOS_SECTORS = 2 ** 32;

function appendDos({ disk, dosEntries, diskBytes, sectorBytes }: DriveSituation): DrivePlan {
  if (dosEntries.length > 3)
    throw DeploymentFailed(`${disk} has four primary partitions: there is no place for a config drive`, {
      hint: 'use an image with a GPT, or with a partition labelled config-2',
    });
  const sectors = (DRIVE_MIB * MiB) / sectorBytes;
  const align = MiB / sectorBytes;
  const end = Math.min(Math.floor(diskBytes / sectorBytes), DOS_SECTORS);
  const start = Math.floor((end - sectors) / align) * align;
  const used = Math.max(0, ...dosEntries.map((entry) => entry.start + entry.sectors));
  if (used > start) throw noRoom(disk);
  return { kind: 'append-dos', start, sectors };
}

const noRoom = (disk: string) =>
  DeploymentFailed(`${disk} has no room for a config drive of ${DRIVE_MIB} MiB behind its last partition`, {
    hint: 'use a smaller image, or one with a partition labelled config-2',
  });

/** Where the config drive goes on a disk that holds a whole-disk image (imaging 5.2). @throws DeploymentError */
export function planDrive(situation: DriveSituation): DrivePlan {
  const { disk, table, partitions, driveBytes } = situation;
  const labelled = partitions.filter(({ label }) => label?.toLowerCase() === 'config-2');
  if (labelled.length > 1)
    throw DeploymentFailed(
      `${disk} has several partitions labelled config-2: ${labelled.map((p) => p.device).join(', ')}`,
    );
  const [existing] = labelled;
  if (existing !== undefined) {
    if (existing.bytes >= driveBytes) return { kind: 'reuse', partition: existing };
    throw DeploymentFailed(
      `partition ${existing.device} (config-2) has ${existing.bytes} bytes, the config drive needs ${driveBytes}`,
    );
  }
  if (table === 'gpt') return { kind: 'append-gpt', mib: DRIVE_MIB };
  if (table === 'dos') return appendDos(situation);
  throw DeploymentFailed(`${disk} has no partition table: there is no place for a config drive`, {
    hint: 'use an image with a partition table, or deploy without config drive',
  });
}
