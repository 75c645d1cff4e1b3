import type { Node } from '../../../core/index.ts';
import type { Disk } from '../disk.ts';
import { compileHints, type Hints } from './hints.ts';

/** What `properties.skip_block_devices` protects (inventory 3.4). */
export interface SkipList {
  /** Why the operator wants this disk left alone, or null. */
  readonly reasonFor: (disk: Disk) => string | null;
  /** An entry names a RAID volume: until volumes are told apart, every array and member is left alone. */
  readonly protectsRaid: boolean;
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
  return {
    protectsRaid: devices.length < maps.length,
    reasonFor: (disk) => {
      const hit = hints.find((h): h is Hints & { readonly ok: true } => h.ok && h.judge(disk).fits);
      return hit === undefined ? null : `skip_block_devices ${hit.text}`;
    },
  };
}

export const isArray = (disk: Disk): boolean => disk.type === 'md' || disk.type.includes('raid');
