import { type AgentError, CommandExecutionFailed, reasonOf, type Tell } from '../../../core/index.ts';
import { insideRoot } from '../../../system/index.ts';
import type { BootloaderPorts, TargetDisk } from '../../ports.ts';
import type { NamedPartition } from '../identifiers.ts';
import { hasBootLoader } from './boot-code.ts';
import { devicesFor } from './devices.ts';
import { fatMountsOf, withEspLine } from './fstab.ts';
import { type ImageRoot, withImageRoot } from './image-root.ts';
import { type GrubFacts, planInstall, planPreserve } from './plan.ts';
import { copyEfiTree, efiTree } from './preserve.ts';
import { runPlan } from './run.ts';

export interface GrubTarget {
  readonly disk: TargetDisk;
  readonly partitions: readonly NamedPartition[];
  /** Device of the root file system. */
  readonly root: string;
  /** Its EFI system partition, and how the conductor calls it; null where the machine does not start from one. */
  readonly esp: { readonly device: string; readonly uuid: string | null } | null;
  readonly prep: string | null;
}

/** A text of a thousand lines is no fstab. */
const MAX_FSTAB = 64 * 1024;

interface Survey {
  readonly facts: GrubFacts;
  /** Null: the image has none. */
  readonly fstab: { readonly path: string; readonly text: string } | null;
}

/** Where a regular file of the image really is; null when it is none. */
async function regular({ inside: { files }, at }: ImageRoot, path: string): Promise<string | null> {
  const found = await insideRoot(files, at, path);
  return found !== null && (await files.kind(found)) === 'file' ? found : null;
}

async function readFstab(root: ImageRoot): Promise<Survey['fstab']> {
  const path = await regular(root, '/etc/fstab');
  if (path === null) return null;
  const bytes = await root.inside.files.head(path, MAX_FSTAB + 1);
  return bytes.byteLength > MAX_FSTAB ? null : { path, text: Buffer.from(bytes).toString('utf8') };
}

async function survey(root: ImageRoot, { disk, partitions, esp, prep }: GrubTarget): Promise<Survey> {
  const has = async (name: string) => (await regular(root, `/usr/sbin/${name}`)) !== null;
  const grub2 = await has('grub2-install');
  const installer = grub2 || (await has('grub-install'));
  const fstab = await readFstab(root);
  const fatMounts = fstab === null ? [] : fatMountsOf(fstab.text, partitions);
  return { facts: { disk: disk.path, esp: esp?.device ?? null, prep, grub2, installer, fatMounts }, fstab };
}

/** Written into the file that is there, which keeps its labels. Never fails: the system starts without the line too. */
async function addEspLine({ inside }: ImageRoot, { esp, partitions }: GrubTarget, { fstab }: Survey): Promise<void> {
  if (fstab === null || esp === null || esp.uuid === null) return;
  const text = withEspLine(fstab.text, esp.uuid, partitions);
  if (text === null) return;
  await inside.files.poke(fstab.path, text).catch((error: unknown) => {
    inside.log.warn('bootloader.fstab.kept', { reason: reasonOf(error) });
  });
}

/** The image's own boot files on the ESP; false when it has none or they cannot be copied. */
async function preserve(root: ImageRoot, target: GrubTarget, tell: Tell, signal: AbortSignal): Promise<boolean> {
  const { disk, esp } = target;
  const tree = await efiTree(root);
  if (esp === null || tree === null) return false;
  const found = await survey(root, target);
  try {
    await runPlan(root, { disk: disk.path, plan: planPreserve(found.facts) }, tell, signal);
    await copyEfiTree(root, tree, esp.device, signal);
  } catch (error) {
    signal.throwIfAborted();
    root.inside.log.warn('bootloader.preserve.failed', { reason: reasonOf(error) });
    return false;
  }
  await addEspLine(root, target, found);
  return true;
}

async function install(root: ImageRoot, target: GrubTarget, tell: Tell, signal: AbortSignal) {
  const { disk } = target;
  const found = await survey(root, target);
  const complaints = await runPlan(root, { disk: disk.path, plan: planInstall(found.facts) }, tell, signal);
  await addEspLine(root, target, found);
  return complaints;
}

const nothingThere = (device: string, complaints: readonly string[]): AgentError =>
  CommandExecutionFailed(
    `no boot loader came to the EFI system partition ${device}: ${complaints.join('; ') || 'grub-install did not complain'}`,
    {
      hint: 'the image needs a grub-install for the boot mode of this machine, or its boot files in /boot/efi/EFI',
    },
  );

/**
 * Makes a partition image bootable by its own programs (imaging 6.4).
 * `register` looks for boot loaders on the ESP and makes their entries in the firmware; false: there is none.
 * @returns warnings
 * @throws CommandExecutionError, InvalidImage, ToolFailed
 */
export async function installGrub(
  ports: BootloaderPorts,
  target: GrubTarget,
  register: () => Promise<boolean>,
  tell: Tell,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { disk, partitions, esp, prep } = target;
  if (esp === null && prep === null && (await hasBootLoader(ports, disk, partitions))) {
    ports.log.info('bootloader.present', { disk: disk.path });
    return [];
  }
  const request = { device: target.root, devices: await devicesFor(ports, disk) };
  const inRoot = <T>(work: (root: ImageRoot) => Promise<T>) => withImageRoot(ports, request, work, signal);
  if (esp !== null && (await inRoot((root) => preserve(root, target, tell, signal)))) {
    if (await register()) return [];
    ports.log.warn('bootloader.preserve.unusable', { esp: esp.device });
  }
  const complaints = await inRoot((root) => install(root, target, tell, signal));
  if (esp !== null && !(await register())) throw nothingThere(esp.device, complaints);
  return complaints;
}
