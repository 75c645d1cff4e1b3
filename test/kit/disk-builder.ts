import { GiB } from '../../src/core/index.ts';
import type { BlockNode, Disk, DiskFacts, HolderTree } from '../../src/hardware/index.ts';

/** A fixed 480 GB SATA SSD unless told otherwise; identifiers follow from the kernel name. */
export function aDisk(kname: string, over: Partial<Disk> = {}): Disk {
  const serial = over.serial ?? `SER-${kname}`;
  const wwn = over.wwn ?? `0x5000${kname}`;
  return {
    path: `/dev/${kname}`,
    kname,
    type: 'disk',
    model: 'EXAMPLE SSD 480',
    size: 447 * GiB,
    rotational: false,
    wwn,
    serial,
    vendor: 'ATA',
    wwnWithExtension: wwn,
    wwnVendorExtension: null,
    hctl: '0:0:0:0',
    byPath: `/dev/disk/by-path/pci-0000:00:17.0-${kname}`,
    logicalSectorBytes: 512,
    physicalSectorBytes: 512,
    tran: 'sata',
    readOnly: false,
    allSerials: [serial],
    allWwns: [wwn],
    allByPaths: [`/dev/disk/by-path/pci-0000:00:17.0-${kname}`],
    label: null,
    raidMember: false,
    ...over,
  };
}

/** A node whose kind follows from its name: `sda`, `sda1`, `md0`, `dm-0`, `loop0`. */
export function aNode(kname: string, over: Partial<BlockNode> = {}): BlockNode {
  const isPart = /^(sd[a-z]+|vd[a-z]+)\d+$|p\d+$/.test(kname);
  const kind = isPart ? 'part' : kname.startsWith('md') ? 'md' : kname.startsWith('dm-') ? 'dm' : 'disk';
  return {
    kname,
    path: `/dev/${kname}`,
    kind,
    size: 10 * GiB,
    partition: isPart ? Number(/\d+$/.exec(kname)?.[0]) : null,
    dmName: kind === 'dm' ? `map-${kname}` : null,
    dmUuid: kind === 'dm' ? `LVM-${kname}` : null,
    mounts: [],
    swap: false,
    loopsAbove: [],
    children: [],
    ...over,
  };
}

export const aTree = (root: BlockNode): HolderTree => ({ disk: root.path, root });

export interface FactsExtra {
  readonly disk?: Partial<Disk>;
  /** Signature types by kernel name. */
  readonly signatures?: Readonly<Record<string, readonly string[]>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly partTypes?: Readonly<Record<number, string>>;
  readonly problem?: string;
}

export function someFacts(root: BlockNode, extra: FactsExtra = {}): DiskFacts {
  const names = new Set([...Object.keys(extra.signatures ?? {}), ...Object.keys(extra.labels ?? {})]);
  const signatures = [...names].map((name) => {
    const label = extra.labels?.[name] ?? null;
    const types = extra.signatures?.[name] ?? ['ext4'];
    return [name, types.map((type) => ({ type, offset: '0x0', label }))] as const;
  });
  return {
    disk: aDisk(root.kname, { size: root.size, ...extra.disk }),
    tree: aTree(root),
    signatures: new Map(signatures),
    partTypes: new Map(Object.entries(extra.partTypes ?? {}).map(([number, type]) => [Number(number), type])),
    problem: extra.problem ?? null,
  };
}
