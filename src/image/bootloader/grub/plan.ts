/** What is known before anything of the image is started. Paths without a device are those of the image. */
export interface GrubFacts {
  /** Whole disk, the target of the BIOS variant. */
  readonly disk: string;
  /** EFI system partition; null: BIOS or OpenFirmware. */
  readonly esp: string | null;
  /** PReP partition of a POWER machine. */
  readonly prep: string | null;
  /** The image has `grub2-install`, as Red Hat and SUSE name it. */
  readonly grub2: boolean;
  /** It has a `grub-install` of either name. */
  readonly installer: boolean;
  /** FAT file systems of its fstab that are on this disk. */
  readonly fatMounts: readonly FatMount[];
}

export interface FatMount {
  readonly device: string;
  /** Absolute, in the image. */
  readonly on: string;
}

export interface GrubProgram {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Its failure is only a line in the log: Red Hat's refuses to work on UEFI machines. */
  readonly mayFail: boolean;
}

export interface GrubPlan {
  /** Mounted in this order, unmounted in reverse. */
  readonly mounts: readonly FatMount[];
  readonly programs: readonly GrubProgram[];
}

/** Where every distribution mounts the ESP. */
export const ESP_ON = '/boot/efi';

/** os-prober has kept deployments for hours, and what it may find belongs to nobody. */
const CONFIG_ENV = { GRUB_DISABLE_OS_PROBER: 'true', GRUB_SAVEDEFAULT: 'true' } as const;

const nameOf = ({ grub2 }: Pick<GrubFacts, 'grub2'>) => (grub2 ? 'grub2' : 'grub');

function mkconfig(facts: GrubFacts): GrubProgram {
  const name = nameOf(facts);
  return { program: `${name}-mkconfig`, args: ['-o', `/boot/${name}/grub.cfg`], env: CONFIG_ENV, mayFail: false };
}

function installs(facts: GrubFacts): readonly GrubProgram[] {
  const program = `${nameOf(facts)}-install`;
  const call = (args: readonly string[], mayFail: boolean): GrubProgram => ({ program, args, env: {}, mayFail });
  // Which variant it installs is left to the image: it knows which of them it brought.
  if (facts.esp !== null) return [call([], true), call(['--removable'], true)];
  return [call([facts.prep ?? facts.disk], false)];
}

/** Installs the boot loader by the programs of the image (imaging 6.4, 5 to 7). */
export function planInstall(facts: GrubFacts): GrubPlan {
  const { esp, fatMounts } = facts;
  const others = fatMounts.filter(({ on }) => esp === null || on !== ESP_ON);
  return {
    mounts: [...others, ...(esp === null ? [] : [{ device: esp, on: ESP_ON }])],
    programs: [...installs(facts), mkconfig(facts)],
  };
}

/** Before the image's own boot files are copied to the ESP as they are (imaging 6.4, 3). */
export function planPreserve(facts: GrubFacts): GrubPlan {
  return { mounts: [], programs: facts.installer ? [mkconfig(facts)] : [] };
}
