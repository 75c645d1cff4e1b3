import { reasonOf } from '../../core/index.ts';
import {
  efibootmgrCreate,
  efibootmgrDelete,
  efibootmgrList,
  partxUpdate,
  syncAll,
  udevadmSettle,
  withMounted,
} from '../../system/index.ts';
import { InvalidImage } from '../errors.ts';
import type { ImagePorts, TargetDisk } from '../ports.ts';
import { planEntries } from './entries.ts';
import { findEsp } from './esp.ts';
import { chooseLoaders, type EfiArch, type Loader } from './loaders.ts';
import { isSecureBoot, surveyEsp } from './survey.ts';

export interface BootloaderRequest {
  /** Identifier of the root partition; for whole-disk images null or the disk signature `0x...`. */
  readonly rootUuid: string | null;
  readonly efiSystemPartUuid: string | null;
  readonly prepBootPartUuid: string | null;
  readonly targetBootMode: 'bios' | 'uefi';
  readonly ignoreFailure: boolean;
}

const EFI_ARCH: Readonly<Record<string, EfiArch>> = { x64: 'x64', arm64: 'aa64' };

const isWholeDisk = (rootUuid: string | null) => rootUuid === null || /^0x[0-9a-f]{8}$/i.test(rootUuid);

/** The loaders of the ESP and what an operator should know about them. @throws InvalidImage without any */
async function loadersOn(ports: ImagePorts, device: string, arch: EfiArch, signal: AbortSignal) {
  const secure = await isSecureBoot(ports.files);
  const esp = { device, type: 'vfat', access: 'read' } as const;
  const survey = await withMounted(ports, esp, (root) => surveyEsp(ports.files, root, arch), signal);
  const loaders = chooseLoaders(survey, arch);
  if (loaders.length === 0)
    throw InvalidImage(`the EFI system partition ${device} has no boot loader for ${arch}`, {
      hint: 'use an image with EFI/BOOT/BOOT*.EFI or a vendor folder with a CSV file',
    });
  const unsigned = loaders.filter(({ path }) => secure && survey.unsigned.includes(path));
  return { loaders, warnings: unsigned.map(({ path }) => `Secure Boot is on and ${path} is not signed`) };
}

async function writeEntries(
  ports: ImagePorts,
  disk: string,
  partition: number,
  loaders: readonly Loader[],
  signal: AbortSignal,
): Promise<void> {
  const { tools, log } = ports;
  const existing = await tools.run(efibootmgrList, undefined, signal);
  for (const act of planEntries(existing, loaders)) {
    log.info('bootloader.entry', { ...act, disk, partition });
    if (act.kind === 'delete') await tools.run(efibootmgrDelete, { number: act.number }, signal);
    else await tools.run(efibootmgrCreate, { disk, partition, label: act.label, loader: act.loader }, signal);
  }
}

async function setUpUefi(
  ports: ImagePorts,
  target: TargetDisk,
  request: BootloaderRequest,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { tools, log } = ports;
  const arch = EFI_ARCH[process.arch];
  if (arch === undefined) throw InvalidImage(`UEFI boot entries are not supported on ${process.arch}`);
  await tools.run(partxUpdate, { device: target.path }, signal);
  await tools.run(udevadmSettle, undefined, signal);
  const esp = await findEsp(ports, target, request.efiSystemPartUuid, signal);
  const { loaders, warnings } = await loadersOn(ports, esp.device, arch, signal);
  log.info('bootloader.loaders', { esp: esp.device, loaders });
  await writeEntries(ports, target.path, esp.number, loaders, signal);
  await tools.run(syncAll, undefined, signal);
  return warnings;
}

/**
 * Makes a written image bootable (imaging 6): on machines that run in UEFI mode by entries in the firmware's memory; in
 * BIOS mode a whole-disk image brings its own boot code and nothing is done.
 * @returns warnings, also the failure itself when `ignoreFailure` is set
 * @throws DeviceNotFound, InvalidImage, ToolFailed
 */
export async function installBootloader(
  ports: ImagePorts,
  target: TargetDisk,
  request: BootloaderRequest,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const uefi = (await ports.files.kind('/sys/firmware/efi')) === 'dir';
  const running = uefi ? 'uefi' : 'bios';
  const mismatch =
    request.targetBootMode === running ? [] : [`asked for boot mode ${request.targetBootMode}, running in ${running}`];
  try {
    if (uefi) return [...mismatch, ...(await setUpUefi(ports, target, request, signal))];
    if (isWholeDisk(request.rootUuid)) return mismatch;
    throw InvalidImage('boot loaders of partition images are not installed: that would run code of the image as root', {
      hint: 'use a whole-disk image; see enable_bios_bootloader_install and CVE-2026-43003',
    });
  } catch (error) {
    signal.throwIfAborted();
    if (!request.ignoreFailure) throw error;
    ports.log.warn('bootloader.failure.ignored', { reason: reasonOf(error) });
    return [...mismatch, `ignored: ${reasonOf(error)}`];
  }
}
