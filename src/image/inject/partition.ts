/** How an entry names the place of its file. */
export type PartitionRef =
  /** The first partition of the root disk that has the first folder of the path. */
  | { readonly by: 'folder' }
  /** Number in the partition table of the root disk. */
  | { readonly by: 'number'; readonly number: number }
  | { readonly by: 'device'; readonly device: string }
  /** On the root disk; `any`: whichever of them it is. */
  | { readonly by: 'partuuid' | 'uuid' | 'partlabel' | 'label' | 'any'; readonly value: string };

const TAGS = { PARTUUID: 'partuuid', UUID: 'uuid', PARTLABEL: 'partlabel', LABEL: 'label' } as const;

/** Null: no partition can be meant by that. */
export function readPartition(raw: unknown): PartitionRef | null {
  if (raw === undefined || raw === null) return { by: 'folder' };
  if (typeof raw === 'number') return Number.isInteger(raw) && raw > 0 ? { by: 'number', number: raw } : null;
  if (typeof raw !== 'string' || raw === '' || raw.includes('\0')) return null;
  if (/^\d+$/.test(raw)) return readPartition(Number(raw));
  if (raw.startsWith('/')) return raw.startsWith('/dev/') ? { by: 'device', device: raw } : null;
  const [, tag = '', value = ''] = /^(PARTUUID|UUID|PARTLABEL|LABEL)=(.*)$/.exec(raw) ?? [];
  const by = Object.entries(TAGS).find(([name]) => name === tag)?.[1];
  if (by === undefined) return { by: 'any', value: raw };
  return value === '' ? null : { by, value };
}

export function describePartition(ref: PartitionRef): string {
  if (ref.by === 'folder') return 'a partition with that folder';
  if (ref.by === 'number') return `partition ${ref.number}`;
  if (ref.by === 'device') return ref.device;
  return ref.by === 'any' ? `partition ${ref.value}` : `partition ${ref.by.toUpperCase()}=${ref.value}`;
}
