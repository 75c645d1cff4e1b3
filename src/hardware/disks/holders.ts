import type { Files } from '../../system/index.ts';
import { partitionsOf, sysBlock } from './sysfs.ts';

export type NodeKind = 'disk' | 'part' | 'dm' | 'md' | 'loop' | 'other';

/** A block device and everything that stands on it. */
export interface BlockNode {
  readonly kname: string;
  readonly path: string;
  /** `part` also for a partition of a multipath map, which is a device-mapper device. */
  readonly kind: NodeKind;
  /** Bytes. */
  readonly size: number;
  /** Partition number in its table; null for what is no partition. */
  readonly partition: number | null;
  /** Device-mapper name and uuid; null for other kinds. */
  readonly dmName: string | null;
  readonly dmUuid: string | null;
  /** Mount points, in mount order. */
  readonly mounts: readonly string[];
  readonly swap: boolean;
  /** Kernel names of the loop devices whose backing file lies on a mount of this device. */
  readonly loopsAbove: readonly string[];
  readonly children: readonly BlockNode[];
}

export interface HolderTree {
  readonly disk: string;
  readonly root: BlockNode;
}

interface Mount {
  readonly majMin: string;
  readonly source: string;
  readonly point: string;
}
interface World {
  readonly mounts: readonly Mount[];
  readonly swaps: readonly string[];
  readonly loops: readonly { readonly kname: string; readonly file: string }[];
}

/** mountinfo writes blanks and backslashes as octal. */
const unescaped = (text: string) =>
  text.replace(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

export function parseMountInfo(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => {
    const [fields = '', rest = ''] = line.split(' - ');
    const [, , majMin, , point] = fields.split(' ');
    const source = rest.split(' ')[1];
    if (majMin === undefined || point === undefined || source === undefined) return [];
    return [{ majMin, point: unescaped(point), source: unescaped(source) }];
  });
}

/**
 * The tree of partitions and holders of a disk from sysfs, with mounts, swap areas and loop devices on top.
 * It needs neither udev nor lsblk, so it is right at the moment of the call.
 */
export async function inspectHolders(
  ports: { readonly files: Files },
  disk: { readonly kname: string },
): Promise<HolderTree> {
  const world = await readWorld(ports.files);
  return { disk: `/dev/${disk.kname}`, root: await nodeOf(ports.files, world, disk.kname, null) };
}

async function readWorld(files: Files): Promise<World> {
  const swaps = (await files.textOrNull('/proc/swaps')) ?? '';
  const loops = (await files.list('/sys/class/block')).filter((name) => /^loop\d+$/.test(name));
  const backed = await Promise.all(
    loops.map(async (kname) => ({ kname, file: await files.textOrNull(`${sysBlock(kname)}/loop/backing_file`) })),
  );
  return {
    mounts: parseMountInfo((await files.textOrNull('/proc/self/mountinfo')) ?? ''),
    swaps: swaps
      .split('\n')
      .slice(1)
      .map((line) => unescaped(line.split(/\s/)[0] ?? '')),
    loops: backed.flatMap(({ kname, file }) => (file === null ? [] : [{ kname, file }])),
  };
}

async function kindOf(files: Files, kname: string, parent: string | null, dmUuid: string | null): Promise<NodeKind> {
  if (/^part\d+-/.test(dmUuid ?? '')) return 'part';
  if (dmUuid !== null || kname.startsWith('dm-')) return 'dm';
  if ((await files.kind(`${sysBlock(kname)}/partition`)) !== null) return 'part';
  if ((await files.kind(`${sysBlock(kname)}/md`)) !== null) return 'md';
  if (/^loop\d+$/.test(kname)) return parent === null ? 'disk' : 'loop';
  return parent === null ? 'disk' : 'other';
}

async function nodeOf(files: Files, world: World, kname: string, parent: string | null): Promise<BlockNode> {
  const sys = sysBlock(kname);
  const [majMin, dmUuid, dmName, sectors, number, holders, parts] = await Promise.all([
    files.textOrNull(`${sys}/dev`),
    files.textOrNull(`${sys}/dm/uuid`),
    files.textOrNull(`${sys}/dm/name`),
    files.textOrNull(`${sys}/size`),
    files.textOrNull(`${sys}/partition`),
    files.list(`${sys}/holders`),
    partitionsOf(files, kname),
  ]);
  const kind = await kindOf(files, kname, parent, dmUuid);
  const names = [`/dev/${kname}`, ...(dmName === null ? [] : [`/dev/mapper/${dmName}`])];
  const mounts = world.mounts.filter((m) => m.majMin === majMin || names.includes(m.source)).map((m) => m.point);
  const below = [...new Set([...parts, ...holders])];
  return {
    kname,
    path: `/dev/${kname}`,
    kind,
    size: Number(sectors ?? 0) * 512,
    partition: number === null ? dmPartition(dmUuid) : Number(number),
    dmName,
    dmUuid,
    mounts,
    swap: world.swaps.some((swap) => names.includes(swap)),
    loopsAbove: world.loops.filter((loop) => liesOn(loop.file, mounts, world.mounts)).map((loop) => loop.kname),
    children: await Promise.all(below.map((name) => nodeOf(files, world, name, kname))),
  };
}

const dmPartition = (uuid: string | null) => {
  const number = /^part(\d+)-/.exec(uuid ?? '')?.[1];
  return number === undefined ? null : Number(number);
};

const inside = (file: string, point: string) => file.startsWith(point.endsWith('/') ? point : `${point}/`);

/** A file belongs to the longest mount point above it. */
function liesOn(file: string, own: readonly string[], all: readonly Mount[]): boolean {
  const above = all.map((m) => m.point).filter((point) => inside(file, point));
  const longest = above.toSorted((a, b) => b.length - a.length)[0];
  return longest !== undefined && own.includes(longest);
}

/** The node and all its descendants, each device once, top of the stack first. */
export function deepestFirst(node: BlockNode): readonly BlockNode[] {
  const seen = new Set<string>();
  const walk = (at: BlockNode): readonly BlockNode[] => {
    const above = at.children.flatMap(walk);
    if (seen.has(at.kname)) return above;
    seen.add(at.kname);
    return [...above, at];
  };
  return walk(node);
}
