import { basename } from 'node:path';
import { deepestFirst, inspectHolders } from '../../../hardware/index.ts';
import type { Files } from '../../../system/index.ts';
import type { ImagePorts, TargetDisk } from '../../ports.ts';

/** What programs expect of any machine; links lead to /proc. */
const STANDARD = ['null', 'zero', 'full', 'random', 'urandom', 'tty', 'fd', 'stdin', 'stdout', 'stderr'] as const;

interface Link {
  /** Relative to /dev, as everything here: `disk/by-uuid/...`. */
  readonly name: string;
  /** Kernel name of the device it leads to. */
  readonly kname: string;
}

/**
 * The device nodes and links that programs of the image get to see: those of the disk and nothing of other disks, so that
 * not even their mistakes reach one. Links tell them the UUIDs of the partitions.
 */
export const visibleDevices = (knames: readonly string[], links: readonly Link[]): readonly string[] => [
  ...STANDARD,
  ...knames,
  ...links.filter(({ kname }) => knames.includes(kname)).map(({ name }) => name),
];

async function linksIn(files: Files, folder: string): Promise<readonly Link[]> {
  const links = (await files.list(`/dev/${folder}`)).map(async (name) => {
    const target = await files.link(`/dev/${folder}/${name}`);
    return target === null ? [] : [{ name: `${folder}/${name}`, kname: basename(target) }];
  });
  return (await Promise.all(links)).flat();
}

/** The devices that a multipath map stands on. */
async function slavesOf(files: Files, kname: string): Promise<readonly string[]> {
  const below = await files.list(`/sys/class/block/${kname}/slaves`);
  return [...below, ...(await Promise.all(below.map((name) => slavesOf(files, name)))).flat()];
}

/** Names below /dev for the programs of the image on this disk. */
export async function devicesFor({ files }: ImagePorts, disk: TargetDisk): Promise<readonly string[]> {
  const kname = basename(disk.path);
  const above = deepestFirst((await inspectHolders({ files }, { kname })).root).map((node) => node.kname);
  const knames = [...new Set([...above, ...(await slavesOf(files, kname))])].sort();
  const folders = (await files.list('/dev/disk')).map((name) => `disk/${name}`);
  const links = await Promise.all([...folders, 'mapper'].map((folder) => linksIn(files, folder)));
  const wanted = visibleDevices(knames, links.flat());
  const isThere = async (name: string) =>
    (await files.link(`/dev/${name}`)) !== null || (await files.kind(`/dev/${name}`)) !== null;
  const there = await Promise.all(wanted.map(isThere));
  return wanted.filter((_name, at) => there[at]);
}
