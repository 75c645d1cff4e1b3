import type { Log, Node } from '../../../core/index.ts';
import type { Disk } from '../disk.ts';
import { compileHints } from './hints.ts';

/** What `properties.skip_block_devices` protects (inventory 3.4). */
export interface SkipList {
  /** Why the operator wants this disk left alone, or null. */
  readonly reasonFor: (disk: Disk) => string | null;
  /** An entry names a RAID volume: until volumes are told apart, every array and member is left alone. */
  readonly protectsRaid: boolean;
  /** Entries that fit none of these disks: a typing error here costs data. */
  readonly unmatched: (disks: readonly Disk[]) => readonly string[];
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The skip list of a node, or a sentence saying what is wrong with it; a bad list protects nothing reliably. */
export function readSkipList(node: Node | null): SkipList | string {
  const raw = node?.properties?.skip_block_devices ?? [];
  if (!Array.isArray(raw)) return 'skip_block_devices must be a list of hint maps';
  const entries: readonly unknown[] = raw;
  const maps = entries.filter(isMap);
  if (maps.length !== entries.length) return 'every entry of skip_block_devices must be a map of hints';
  const devices = maps.filter((map) => !('volume_name' in map));
  if (devices.some((map) => Object.keys(map).length === 0)) return 'an entry of skip_block_devices is empty';
  const hints = devices.map(compileHints);
  const problem = hints.flatMap((h) => (h.ok ? [] : [h.problem]))[0];
  if (problem !== undefined) return `skip_block_devices: ${problem}`;
  const usable = hints.filter((h) => h.ok);
  return {
    unmatched: (disks) => usable.filter((h) => !disks.some((disk) => h.judge(disk).fits)).map((h) => h.text),
    protectsRaid: devices.length < maps.length,
    reasonFor: (disk) => {
      const hit = usable.find((h) => h.judge(disk).fits);
      return hit === undefined ? null : `skip_block_devices ${hit.text}`;
    },
  };
}

export const isArray = (disk: Disk): boolean => disk.type === 'md' || disk.type.includes('raid');

/** Says in the log where the list protects more, or less, than its author may think. */
export function warnAboutSkipList(log: Log, node: Node | null, disks: readonly Disk[]): void {
  const skip = readSkipList(node);
  if (typeof skip === 'string') return;
  if (skip.protectsRaid)
    log.warn('disk.skip.raid', { reason: 'a RAID volume is named: every array and every member is left alone' });
  for (const entry of skip.unmatched(disks)) log.warn('disk.skip.unmatched', { entry });
}
