import { basename } from 'node:path';
import { CommandExecutionFailed, reasonOf, type Tell } from '../../core/index.ts';
import { syncAll } from '../../system/index.ts';
import { rescan } from '../disk/index.ts';
import { InvalidImage } from '../errors.ts';
import type { BootloaderPorts, TargetDisk } from '../ports.ts';
import { type Esp, findEsp } from './esp.ts';
import { installGrub } from './grub/index.ts';
import { findDevice, type NamedPartition, namedPartitions } from './identifiers.ts';
import { canMakeEntries, loadersOn, writeEntries } from './uefi.ts';

export interface BootloaderRequest {
  /** Identifier of the root partition; for whole-disk images null or the disk signature `0x...`. */
  readonly rootUuid: string | null;
  readonly efiSystemPartUuid: string | null;
  readonly prepBootPartUuid: string | null;
  readonly targetBootMode: 'bios' | 'uefi';
  readonly ignoreFailure: boolean;
  /** Programs of the image may be run. */
  readonly mayRunImage: boolean;
}

/** What the rest of the procedure works on. */
interface Scene {
  readonly ports: BootloaderPorts;
  readonly target: TargetDisk;
  readonly request: BootloaderRequest;
  readonly uefi: boolean;
  readonly tell: Tell;
}

const isNothing = (rootUuid: string | null) => rootUuid === null || rootUuid === '0x00000000';
const isDiskSignature = (rootUuid: string | null) => rootUuid !== null && /^0x[0-9a-f]{8}$/i.test(rootUuid);

/** Boot entries for what is on the ESP (imaging 6.2). `made` is false where there is no loader, or nothing to make entries with. */
async function registerLoaders({ ports, target }: Scene, esp: Esp, signal: AbortSignal) {
  const { loaders, warnings } = await loadersOn(ports, esp, signal);
  if (loaders.length > 0) await writeEntries(ports, target, esp, loaders, signal);
  return { made: loaders.length > 0, warnings };
}

async function rescanned({ ports, target }: Scene, signal: AbortSignal): Promise<readonly NamedPartition[]> {
  await rescan(ports, target.path, signal);
  return namedPartitions(ports, target, signal);
}

const refused = (esp: Esp | null) => {
  const bare = esp === null ? '' : `the EFI system partition ${esp.device} has no boot loader, and `;
  return InvalidImage(
    `${bare}boot loaders of partition images are not installed: that would run code of the image as root`,
    {
      hint: 'use an image that brings its boot loader, or allow it with enable_bios_bootloader_install; see CVE-2026-43003',
    },
  );
};

/**
 * Whether the ESP has a boot loader after the image's programs ran. Its entry is made where that is possible: firmware
 * also starts the loader of a disk without one, so the reference does not even try.
 */
async function registerNew(scene: Scene, esp: Esp, signal: AbortSignal) {
  const { ports, target, uefi } = scene;
  const { loaders, warnings } = await loadersOn(ports, esp, signal);
  if (loaders.length === 0 || !uefi || !(await canMakeEntries(ports, signal)))
    return { found: loaders.length > 0, warnings };
  try {
    await writeEntries(ports, target, esp, loaders, signal);
    return { found: true, warnings };
  } catch (error) {
    signal.throwIfAborted();
    return { found: true, warnings: [...warnings, `no boot entry was made: ${reasonOf(error)}`] };
  }
}

/** The part that runs programs of the image (imaging 6.4). */
async function runImage(scene: Scene, known: Esp | null, signal: AbortSignal): Promise<readonly string[]> {
  const { ports, target, request, tell } = scene;
  const { rootUuid, efiSystemPartUuid: espUuid, prepBootPartUuid } = request;
  const find = (uuid: string) => findDevice(ports, target, uuid, signal);
  const partitions = await rescanned(scene, signal);
  const root = await find(rootUuid ?? '');
  const prep = prepBootPartUuid === null ? null : await find(prepBootPartUuid);
  const esp = known ?? (espUuid === null ? null : await findEsp(ports, target, partitions, espUuid, signal));
  const warnings: string[] = [];
  const register = async () => {
    if (esp === null) return false;
    const done = await registerNew(scene, esp, signal);
    warnings.push(...done.warnings);
    return done.found;
  };
  const place = esp === null ? null : { device: esp.device, uuid: espUuid };
  const where = { disk: target, partitions, root, prep, esp: place };
  const complaints = await installGrub(ports, where, register, tell, signal);
  await ports.tools.run(syncAll, undefined, signal);
  return [...complaints, ...warnings];
}

/** @throws CommandExecutionError */
async function refuseArrays({ ports: { files }, target: { path } }: Scene): Promise<void> {
  if ((await files.kind(`/sys/class/block/${basename(path)}/md`)) === null) return;
  throw CommandExecutionFailed(
    `${path} is a software RAID, and boot loaders on one are not installed by this release`,
    {
      hint: 'deploy to a disk, or to an array of a RAID controller',
    },
  );
}

/** UEFI first, then what else the image needs (imaging 6.1). */
async function makeBootable(scene: Scene, signal: AbortSignal): Promise<readonly string[]> {
  const { ports, target, request, uefi } = scene;
  const warnings: string[] = [];
  let esp: Esp | null = null;
  if (uefi && (await canMakeEntries(ports, signal))) {
    await refuseArrays(scene);
    esp = await findEsp(ports, target, await rescanned(scene, signal), request.efiSystemPartUuid, signal);
    const done = await registerLoaders(scene, esp, signal);
    if (done.made) return done.warnings;
    warnings.push(`the EFI system partition ${esp.device} has no boot loader for this machine`);
  } else if (uefi) warnings.push('the ramdisk has no efibootmgr: no boot entry was made');
  if (isNothing(request.rootUuid) || (!uefi && isDiskSignature(request.rootUuid))) return warnings;
  if (!request.mayRunImage) throw refused(esp);
  await refuseArrays(scene);
  return runImage(scene, esp, signal);
}

/**
 * Makes a written image bootable (imaging 6): on machines that run in UEFI mode by entries in the firmware's memory; a
 * partition image without boot loader by its own programs, where that is allowed.
 * @returns warnings, also the failure itself when `ignoreFailure` is set
 * @throws DeviceNotFound, InvalidImage, CommandExecutionError, ToolFailed
 */
export async function installBootloader(
  ports: BootloaderPorts,
  target: TargetDisk,
  request: BootloaderRequest,
  tell: Tell,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const uefi = (await ports.files.kind('/sys/firmware/efi')) === 'dir';
  const running = uefi ? 'uefi' : 'bios';
  const mismatch =
    request.targetBootMode === running ? [] : [`asked for boot mode ${request.targetBootMode}, running in ${running}`];
  try {
    return [...mismatch, ...(await makeBootable({ ports, target, request, uefi, tell }, signal))];
  } catch (error) {
    signal.throwIfAborted();
    if (!request.ignoreFailure) throw error;
    ports.log.warn('bootloader.failure.ignored', { reason: reasonOf(error) });
    return [...mismatch, `ignored: ${reasonOf(error)}`];
  }
}
