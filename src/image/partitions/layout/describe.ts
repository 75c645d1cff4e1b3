import { MiB } from '../../../core/index.ts';
import type { BootDecision } from './decide.ts';
import type { Layout, PlannedPartition } from './layout.ts';
import { roleFacts } from './roles.ts';

/** What becomes of a partition's content. */
export interface ContentPlan {
  readonly ephemeralFormat: string;
  readonly preserved: boolean;
}

function contentOf({ role }: PlannedPartition, { ephemeralFormat, preserved }: ContentPlan): string {
  if (role === 'esp') return 'vfat efi-part';
  if (role === 'swap') return 'swap swap1';
  if (role === 'ephemeral') return preserved ? 'left as it is' : `${ephemeralFormat} ephemeral0`;
  if (role === 'config-drive') return 'config drive';
  return role === 'root' ? 'image' : 'empty';
}

/** The plan as lines for people, one per act and partition: what will be done, in this order. */
export function describePartitions(
  { label, disk, partitions }: Layout,
  decision: Pick<BootDecision, 'bootMode' | 'because'>,
  content: ContentPlan,
): readonly string[] {
  const mode = `${decision.bootMode} (${decision.because})`;
  const first = content.preserved
    ? [`${disk.path}: keep the ${label} table of the last deployment, boot mode ${mode}`]
    : [`${disk.path}: destroy all metadata`, `${disk.path}: write a ${label} table, boot mode ${mode}`];
  const rows = partitions.map((partition) => {
    const { role, number, start, bytes, active } = partition;
    const place = `${start / MiB}+${bytes / MiB} MiB`;
    const boot = active ? ', boot flag' : '';
    return `${disk.path} partition ${number}: ${roleFacts[role].words}, ${place}${boot}: ${contentOf(partition, content)}`;
  });
  return [...first, ...rows];
}
