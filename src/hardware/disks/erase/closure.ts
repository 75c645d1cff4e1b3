import { type BlockNode, deepestFirst } from '../holders.ts';

/** Why a device is not erased, by kernel name. */
export type Reasons = ReadonlyMap<string, string>;
export interface Protection {
  /** Their content must survive. */
  readonly kept: Reasons;
  /** Their own metadata must survive because something inside is kept: partition tables, mostly. */
  readonly carriers: Reasons;
}

interface Edge {
  readonly below: string;
  readonly above: string;
  /** The upper one is a partition of the lower one, else it stands on it (LVM, md, LUKS). */
  readonly partition: boolean;
}

function edgesOf(roots: readonly BlockNode[]): readonly Edge[] {
  return roots.flatMap(deepestFirst).flatMap((node) =>
    node.children.map((child) => ({
      below: node.kname,
      above: child.kname,
      partition: child.kind === 'part',
    })),
  );
}

/**
 * Spreads protection: up to everything that stands on a kept device, and down to everything a kept device stands on.
 * Protecting only the named disk would leave its partitions open (steps 3.2).
 */
export function closeProtection(roots: readonly BlockNode[], seeds: Reasons): Protection {
  const edges = edgesOf(roots);
  const kept = new Map(seeds);
  const carriers = new Map<string, string>();
  const queue = [...seeds.keys()];
  const keep = (name: string, reason: string) => {
    if (kept.has(name)) return;
    kept.set(name, reason);
    queue.push(name);
  };
  const carry = (name: string, reason: string) => {
    if (kept.has(name) || carriers.has(name)) return;
    carriers.set(name, reason);
    queue.push(name);
  };
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const origin = kept.get(name) ?? carriers.get(name) ?? '';
    for (const edge of edges) {
      if (edge.below === name && kept.has(name)) keep(edge.above, `on ${name}: ${origin}`);
      if (edge.above !== name) continue;
      if (edge.partition) carry(edge.below, `holds ${name}: ${origin}`);
      else keep(edge.below, `carries ${name}: ${origin}`);
    }
  }
  return { kept, carriers };
}
