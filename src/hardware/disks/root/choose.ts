import { GiB, type Node } from '../../../core/index.ts';
import { DeviceNotFound } from '../../errors.ts';
import type { Disk } from '../disk.ts';
import { compileHints } from './hints.ts';
import { isArray, readSkipList, type SkipList } from './skip.ts';

export interface RootRow {
  readonly path: string;
  readonly verdict: 'chosen' | 'lost';
  readonly reason: string;
}
export interface RootChoice {
  readonly disk: Disk;
  /** One sentence for the log. */
  readonly why: string;
  /** Every disk with its verdict, in listing order. */
  readonly table: readonly RootRow[];
}
export interface RootSettings {
  /** Use the plain rule of older agents: the smallest disk of at least 4 GiB, whatever it is. */
  readonly parity: boolean;
}

const SMALLEST_ROOT = 4 * GiB;

interface Ranking {
  readonly why: string;
  /** Reason why a disk cannot be the root, or null; asked once per disk. */
  readonly refuse: (disk: Disk) => string | null;
  /** The better first. */
  readonly compare: (a: Disk, b: Disk) => number;
  /** Why `disk` lost to `winner`. */
  readonly lostBy: (disk: Disk, winner: Disk) => string;
}

/**
 * The disk to deploy to: by the node's hints (`instance_info` before `properties`), else by the default rule.
 * Pure; see inventory 3.1-3.5.
 * @throws DeviceNotFound whose details list every disk and why it lost
 */
export function chooseRootDisk(disks: readonly Disk[], node: Node | null, settings: RootSettings): RootChoice {
  const skip = readSkipList(node);
  if (typeof skip === 'string') throw notFound(skip, []);
  const ranking = rankingOf(node, settings);
  if (typeof ranking === 'string') throw notFound(`root device hints: ${ranking}`, []);
  const judged = disks.map((disk) => ({ disk, refused: skipReason(disk, skip) ?? ranking.refuse(disk) }));
  const [winner] = judged
    .filter(({ refused }) => refused === null)
    .map(({ disk }) => disk)
    .toSorted(ranking.compare);
  const table = judged.map(({ disk, refused }): RootRow => {
    if (disk === winner) return { path: disk.path, verdict: 'chosen', reason: ranking.why };
    const reason = refused ?? (winner === undefined ? '' : ranking.lostBy(disk, winner));
    return { path: disk.path, verdict: 'lost', reason };
  });
  if (winner === undefined) throw notFound(`no disk is suitable (${ranking.why})`, table);
  return { disk: winner, why: `${winner.path}: ${ranking.why}`, table };
}

function notFound(what: string, table: readonly RootRow[]) {
  const rows = table.map((row) => `${row.path}: ${row.reason}`);
  const details = rows.length === 0 ? 'no disks were found' : rows.join('; ');
  return DeviceNotFound(what.startsWith('no disk') ? `${what}: ${details}` : what, { data: { candidates: table } });
}

function skipReason(disk: Disk, skip: SkipList): string | null {
  if (skip.protectsRaid && (isArray(disk) || disk.raidMember))
    return 'a RAID volume or member, and skip_block_devices names a RAID volume';
  const reason = skip.reasonFor(disk);
  return reason === null ? null : `protected by ${reason}`;
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function rankingOf(node: Node | null, { parity }: RootSettings): Ranking | string {
  const raw = [node?.instance_info?.root_device, node?.properties?.root_device].find(
    (map) => map !== undefined && map !== null && !(isMap(map) && Object.keys(map).length === 0),
  );
  if (raw === undefined) return parity ? smallest(() => 0) : smallest(tierOf);
  if (!isMap(raw)) return 'root_device must be a map of hints';
  const hints = compileHints(raw);
  if (!hints.ok) return hints.problem;
  return {
    why: `matches the root device hints ${hints.text}`,
    refuse: (disk) => {
      const { fits, reason } = hints.judge(disk);
      return fits ? null : reason;
    },
    compare: () => 0,
    lostBy: (_disk, winner) => `also matches, but ${winner.path} is listed first`,
  };
}

/** Virtual media are USB disks. */
const KINDS = ['a fixed disk', 'USB, SD card or virtual media', 'read-only'] as const;

/** Index in KINDS: what is further back is taken only when nothing better fits. */
export function tierOf(disk: Disk): 0 | 1 | 2 {
  if (disk.readOnly) return 2;
  return disk.tran === 'usb' || disk.tran === 'mmc' || disk.kname.startsWith('mmcblk') ? 1 : 0;
}

function smallest(tier: (disk: Disk) => 0 | 1 | 2): Ranking {
  return {
    why: 'the smallest disk of at least 4 GiB, no hints given',
    refuse: (disk) => (disk.size < SMALLEST_ROOT ? 'smaller than 4 GiB' : null),
    compare: (a, b) => tier(a) - tier(b) || a.size - b.size || (a.path < b.path ? -1 : 1),
    lostBy: (disk, winner) => {
      if (tier(disk) !== tier(winner)) return `${KINDS[tier(disk)]}; ${winner.path} is ${KINDS[tier(winner)]}`;
      if (disk.size !== winner.size) return `larger than ${winner.path}`;
      return `as large as ${winner.path}, which sorts first`;
    },
  };
}

/** Lines for the console: one disk per line. */
export function formatRootTable(choice: RootChoice): string {
  const width = Math.max(...choice.table.map((row) => row.path.length));
  return choice.table
    .map((row) => `${row.verdict === 'chosen' ? '*' : ' '} ${row.path.padEnd(width)}  ${row.verdict}: ${row.reason}`)
    .join('\n');
}
