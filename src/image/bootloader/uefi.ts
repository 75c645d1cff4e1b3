import { reasonOf } from '../../core/index.ts';
import {
  efibootmgrCreate,
  efibootmgrDelete,
  efibootmgrList,
  efibootmgrVersion,
  mount,
  syncAll,
  ToolMissing,
  withMounted,
} from '../../system/index.ts';
import { InvalidImage } from '../errors.ts';
import type { ImagePorts, TargetDisk } from '../ports.ts';
import { planEntries } from './entries.ts';
import type { Esp } from './esp.ts';
import { chooseLoaders, type EfiArch, type Loader } from './loaders.ts';
import { isSecureBoot, surveyEsp } from './survey.ts';

const EFI_ARCH: Readonly<Record<string, EfiArch>> = { x64: 'x64', arm64: 'aa64' };

/** What this machine's firmware can start. @throws InvalidImage for an architecture without UEFI entries */
export function efiArch(): EfiArch {
  const arch = EFI_ARCH[process.arch];
  if (arch === undefined) throw InvalidImage(`UEFI boot entries are not supported on ${process.arch}`);
  return arch;
}

/** The loaders of the ESP, most important first, and what an operator should know about them. */
export async function loadersOn(ports: ImagePorts, { device }: Esp, signal: AbortSignal) {
  const arch = efiArch();
  const secure = await isSecureBoot(ports.files);
  const esp = { device, type: 'vfat', access: 'read' } as const;
  const survey = await withMounted(ports, esp, (root) => surveyEsp(ports.files, root, arch), signal);
  const loaders = chooseLoaders(survey, arch);
  const unsigned = loaders.filter(({ path }) => secure && survey.unsigned.includes(path));
  ports.log.info('bootloader.loaders', { esp: device, loaders });
  return { loaders, warnings: unsigned.map(({ path }) => `Secure Boot is on and ${path} is not signed`) };
}

const EFIVARS = '/sys/firmware/efi/efivars';

/** Systemd mounts it; other ramdisks may not. Without it efibootmgr itself says what is wrong. */
export async function mountVariables({ tools, files, log }: ImagePorts, signal: AbortSignal): Promise<void> {
  if ((await files.kind(EFIVARS)) !== 'dir' || (await files.list(EFIVARS)).length > 0) return;
  const request = { device: 'efivarfs', at: EFIVARS, type: 'efivarfs', options: 'rw,nosuid,nodev,noexec' };
  await tools.run(mount, request, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    log.warn('bootloader.variables.absent', { reason: reasonOf(error) });
  });
}

/** The ramdisk has the program that makes boot entries. */
export async function canMakeEntries({ tools }: ImagePorts, signal: AbortSignal): Promise<boolean> {
  try {
    await tools.run(efibootmgrVersion, undefined, signal);
    return true;
  } catch (error) {
    if (ToolMissing.is(error)) return false;
    throw error;
  }
}

/** Brings the entries in the firmware's memory in line with the loaders (imaging 6.2, 8). @throws ToolFailed */
export async function writeEntries(
  ports: ImagePorts,
  { path: disk }: TargetDisk,
  { number: partition }: Esp,
  loaders: readonly Loader[],
  signal: AbortSignal,
): Promise<void> {
  const { tools, log } = ports;
  await mountVariables(ports, signal);
  const existing = await tools.run(efibootmgrList, undefined, signal);
  for (const act of planEntries(existing, loaders)) {
    log.info('bootloader.entry', { ...act, disk, partition });
    if (act.kind === 'delete') await tools.run(efibootmgrDelete, { number: act.number }, signal);
    else await tools.run(efibootmgrCreate, { disk, partition, label: act.label, loader: act.loader }, signal);
  }
  await tools.run(syncAll, undefined, signal);
}
