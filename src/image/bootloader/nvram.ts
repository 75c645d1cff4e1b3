import { type BootEntry, efibootmgrDelete, efibootmgrList } from '../../system/index.ts';
import type { ImagePorts } from '../ports.ts';
import { mountVariables } from './uefi.ts';

/** Entries that start something from a disk (steps.md 3.13). */
export const DISK_ENTRIES: readonly string[] = ['^HD\\(', 'shim.*\\.efi', 'grub.*\\.efi'];

/** The entries of whose device path a pattern fits some part. */
export const matchingEntries = (entries: readonly BootEntry[], patterns: readonly RegExp[]): readonly BootEntry[] =>
  entries.filter(({ path }) => patterns.some((pattern) => pattern.test(path)));

/** Removes boot entries from the firmware's memory. @throws ToolFailed, as on a machine that runs in BIOS mode */
export async function cleanNvram(ports: ImagePorts, patterns: readonly RegExp[], signal: AbortSignal): Promise<void> {
  const { tools, log } = ports;
  await mountVariables(ports, signal);
  const stale = matchingEntries(await tools.run(efibootmgrList, undefined, signal), patterns);
  log.info('nvram.plan', { delete: stale });
  for (const { number } of stale) await tools.run(efibootmgrDelete, { number }, signal);
}
