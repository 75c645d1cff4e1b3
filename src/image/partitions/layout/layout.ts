import { DeploymentFailed, MiB } from '../../../core/index.ts';
import { isMapping } from '../../disk/index.ts';
import type { PartitionRequest } from '../../plan/index.ts';
import type { TargetDisk } from '../../ports.ts';
import type { BootMode, TableLabel } from './decide.ts';
import { type Role, roleFacts } from './roles.ts';

export interface PlannedPartition {
  readonly role: Role;
  /** In the table, from 1. */
  readonly number: number;
  /** Bytes, both whole MiB. */
  readonly start: number;
  readonly bytes: number;
  /** The `boot` flag of a DOS table. */
  readonly active: boolean;
}

export interface Layout {
  readonly label: TableLabel;
  readonly disk: TargetDisk;
  readonly partitions: readonly PlannedPartition[];
}

export interface LayoutInput {
  readonly disk: TargetDisk;
  readonly label: TableLabel;
  readonly bootMode: BootMode;
  /** As Node names it: `x64`, `arm64`, `ppc64`. */
  readonly arch: string;
  readonly request: PartitionRequest;
  /** Room for the config drive; 0 without one. */
  readonly driveMib: number;
  readonly espMib: number;
  readonly biosBootMib: number;
}

/** The first partition starts here. */
const START_MIB = 1;
const PREP_MIB = 8;
const DOS_SLOTS = 4;
/** A DOS table counts sectors in 32 bits. */
const DOS_SECTORS = 2 ** 32;
/** Entries of the backup table; its header takes one more sector. */
const GPT_ENTRY_BYTES = 128 * 128;

type Piece = readonly [role: Role, mib: number];

function bootPiece({ label, bootMode, arch, espMib, biosBootMib }: LayoutInput): readonly Piece[] {
  if (bootMode === 'uefi') return [['esp', espMib]];
  if (arch.startsWith('ppc64')) return [['prep', PREP_MIB]];
  return label === 'gpt' ? [['bios-boot', biosBootMib]] : [];
}

function assertFits({ disk, label }: LayoutInput, pieces: readonly Piece[]): void {
  const needed = START_MIB + pieces.reduce((sum, [, mib]) => sum + mib, 0);
  const sector = disk.logicalSectorBytes;
  const usable = Math.floor(disk.size / sector) * sector;
  const room = label === 'gpt' ? usable - GPT_ENTRY_BYTES - sector : Math.min(usable, DOS_SECTORS * sector);
  if (needed * MiB <= room) return;
  const sum = [`${START_MIB}`, ...pieces.map(([role, mib]) => `${mib} (${roleFacts[role].words})`)].join(' + ');
  const backup = label === 'gpt' ? ' and a little for the backup of the table' : '';
  const beyond = usable > room && label === 'msdos' ? ', of which a DOS table reaches only the first part' : '';
  const has = `${disk.path} has ${Math.floor(disk.size / MiB)} MiB${beyond}`;
  throw DeploymentFailed(`the partitions need ${sum} = ${needed} MiB${backup}, but ${has}`, {
    hint: 'nothing was written; choose a larger disk with root device hints, or a smaller flavor',
  });
}

/** The kernel makes no partitions on a device-mapper device; the table would be there and no partition. */
function assertPartitionable({ path }: TargetDisk): void {
  if (!isMapping(path)) return;
  throw DeploymentFailed(`${path} is a device-mapper device (multipath), which gets no partitions from this release`, {
    hint: 'nothing was written; use a whole-disk image, boot the ramdisk with multipath=off to see one path, or choose another disk with root device hints',
  });
}

/** Every partition of a partition image, back to back in this order (imaging 4.2). Pure. @throws DeploymentError */
export function planLayout(input: LayoutInput): Layout {
  const { disk, label, bootMode, arch, request, driveMib } = input;
  assertPartitionable(disk);
  const wanted: readonly Piece[] = [
    ['ephemeral', request.ephemeralMib],
    ['swap', request.swapMib],
    ['config-drive', driveMib],
    // Last, so that the deployed system can grow it.
    ['root', request.rootMib],
  ];
  const pieces = [...bootPiece(input), ...wanted.filter(([, mib]) => mib > 0)];
  if (label === 'msdos' && pieces.length > DOS_SLOTS)
    throw DeploymentFailed(`a DOS table has ${DOS_SLOTS} primary partitions, ${pieces.length} are needed`, {
      hint: 'nothing was written; set the capability disk_label:gpt',
    });
  assertFits(input, pieces);
  const boots = (role: Role) =>
    label === 'msdos' && bootMode === 'bios' && role === (arch.startsWith('ppc64') ? 'prep' : 'root');
  let next = START_MIB;
  const partitions = pieces.map(([role, mib], index): PlannedPartition => {
    const start = next * MiB;
    next += mib;
    return { role, number: index + 1, start, bytes: mib * MiB, active: boots(role) };
  });
  return { label, disk, partitions };
}
