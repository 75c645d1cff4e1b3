import { reasonOf } from '../../../core/index.ts';
import { partxTypes, type Signature, wipefsList } from '../../../system/index.ts';
import { mapLimited } from '../../parallel.ts';
import type { HardwarePorts } from '../../ports.ts';
import type { Disk } from '../disk.ts';
import { type BlockNode, deepestFirst, type HolderTree, inspectHolders } from '../holders.ts';

/** All that the erase plan of one disk depends on. */
export interface DiskFacts {
  readonly disk: Disk;
  readonly tree: HolderTree;
  /** Signatures by kernel name, for the disk and everything on it. */
  readonly signatures: ReadonlyMap<string, readonly Signature[]>;
  /** Partition type by partition number, lower case. */
  readonly partTypes: ReadonlyMap<number, string>;
  /** Why the disk could not be examined, or null. Such a disk is not written to. */
  readonly problem: string | null;
}

const AT_ONCE = 8;

/** Reads what is on every disk; a disk that cannot be read carries the reason instead. */
export async function gatherFacts(
  ports: Pick<HardwarePorts, 'tools' | 'files'>,
  disks: readonly Disk[],
  signal?: AbortSignal,
): Promise<readonly DiskFacts[]> {
  return mapLimited(disks, AT_ONCE, async (disk) => {
    const tree = await inspectHolders(ports, disk);
    try {
      const [signatures, types] = await Promise.all([
        signaturesOf(ports, tree.root, signal),
        ports.tools.run(partxTypes, { device: disk.path }, signal),
      ]);
      return { disk, tree, signatures, partTypes: new Map(types.map((t) => [t.number, t.type])), problem: null };
    } catch (error) {
      signal?.throwIfAborted();
      return { disk, tree, signatures: new Map(), partTypes: new Map(), problem: reasonOf(error) };
    }
  });
}

async function signaturesOf(
  { tools }: Pick<HardwarePorts, 'tools'>,
  root: BlockNode,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, readonly Signature[]>> {
  const pairs = await mapLimited(
    // A stopped array has no size and nothing to read.
    deepestFirst(root).filter((node) => node === root || node.size > 0),
    4,
    async (node) => [node.kname, await tools.run(wipefsList, { device: node.path }, signal)] as const,
  );
  return new Map(pairs);
}
