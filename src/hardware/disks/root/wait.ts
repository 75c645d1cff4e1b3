import { type Node, reasonOf } from '../../../core/index.ts';
import { DeviceNotFound } from '../../errors.ts';
import type { HardwarePorts } from '../../ports.ts';
import { listDisks } from '../list.ts';
import { chooseRootDisk, formatRootTable, type RootChoice, type RootSettings } from './choose.ts';
import { warnAboutSkipList } from './skip.ts';

export interface WaitSettings extends RootSettings {
  /** 0 means: do not wait at all. */
  readonly attempts: number;
  readonly delayMs: number;
}

/** Lists the disks and chooses the root disk once, with the decision in the log. @throws DeviceNotFound */
export async function findRootDisk(
  ports: HardwarePorts,
  node: Node | null,
  settings: RootSettings,
  signal?: AbortSignal,
): Promise<RootChoice> {
  const disks = await listDisks(ports, signal);
  warnAboutSkipList(ports.log, node, disks);
  const choice = chooseRootDisk(disks, node, settings);
  ports.log.info('disk.root.chosen', { why: choice.why, table: formatRootTable(choice) });
  return choice;
}

/**
 * Polls until a root disk exists (inventory 1.6): late controllers show their disks seconds after boot.
 * @returns null when none appeared in time, or at once when `attempts` is 0; that is a warning, not an error
 */
export async function waitForRootDisk(
  ports: HardwarePorts,
  node: Node | null,
  settings: WaitSettings,
  signal?: AbortSignal,
): Promise<RootChoice | null> {
  for (let attempt = 1; attempt <= settings.attempts; attempt += 1) {
    try {
      return await findRootDisk(ports, node, settings, signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (!DeviceNotFound.is(error)) ports.log.warn('disk.wait.failed', { attempt, reason: reasonOf(error) });
      else ports.log.info('disk.wait', { attempt, attempts: settings.attempts, reason: error.details });
    }
    if (attempt < settings.attempts) await ports.clock.sleep(settings.delayMs, signal);
  }
  if (settings.attempts > 0) ports.log.warn('disk.wait.exhausted', { attempts: settings.attempts });
  return null;
}
