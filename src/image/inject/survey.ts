import { type BlockNode, inspectHolders } from '../../hardware/index.ts';
import { blkidContents, type Contents } from '../../system/index.ts';
import type { ImagePorts } from '../ports.ts';

/** A place for files on the root disk: a partition, or the array or volume that stands on it. */
export interface Candidate extends Contents {
  readonly device: string;
  /** Of the partition of the root disk on which it stands; null when the disk has none. */
  readonly number: number | null;
}

interface Leaf {
  readonly device: string;
  readonly partition: BlockNode | null;
}

/** What nothing stands on. A partition under an array is not a file system of its own. */
const leavesOf = (node: BlockNode, partition: BlockNode | null): readonly Leaf[] =>
  node.children.length === 0
    ? [{ device: node.path, partition }]
    : node.children.flatMap((child) => leavesOf(child, partition ?? (child.partition === null ? null : child)));

/** Each device once, in the order in which the partitions lie on the disk. */
async function orderedLeaves({ files }: ImagePorts, root: BlockNode): Promise<readonly Leaf[]> {
  const leaves = leavesOf(root, null);
  const placed = await Promise.all(
    leaves.map(async (leaf) => {
      const start = await files.textOrNull(`/sys/class/block/${leaf.partition?.kname}/start`);
      return { leaf, start: Number(start ?? Number.NaN), number: leaf.partition?.partition ?? 0 };
    }),
  );
  const sorted = placed.toSorted((a, b) => a.start - b.start || a.number - b.number).map(({ leaf }) => leaf);
  return sorted.filter(({ device }, at) => sorted.findIndex((other) => other.device === device) === at);
}

const NOTHING: Contents = { type: null, uuid: null, label: null, partUuid: null, partLabel: null };

/** Everything on the disk that may hold files, with what can be known without a mount. */
export async function surveyRootDisk(
  ports: ImagePorts,
  disk: string,
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  const { root } = await inspectHolders(ports, { kname: disk.replace(/^\/dev\//, '') });
  const found: Candidate[] = [];
  for (const { device, partition } of await orderedLeaves(ports, root)) {
    const read = (path: string) => ports.tools.run(blkidContents, { device: path }, signal);
    const contents = await read(device);
    // An array or volume has no entry in the table; its partition has.
    const { partUuid, partLabel } =
      partition === null || partition.path === device ? contents : await read(partition.path);
    found.push({ ...NOTHING, ...contents, partUuid, partLabel, device, number: partition?.partition ?? null });
  }
  ports.log.info('inject.survey', { disk, partitions: found });
  return found;
}
