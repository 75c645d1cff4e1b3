import { basename } from 'node:path';
import { DeviceNotFound } from '../../hardware/index.ts';
import { partxTypes } from '../../system/index.ts';
import type { ImagePorts, TargetDisk } from '../ports.ts';

/** GPT type GUID and MBR type of an EFI system partition. */
const ESP_TYPES: readonly string[] = ['c12a7328-f81f-11d2-ba4b-00a0c93ec93b', '0xef'];

export interface Esp {
  readonly device: string;
  readonly number: number;
}

/** Kernel names of the partitions of the disk, by number, from sysfs: never guessed from digits. */
async function nodesOf({ files }: ImagePorts, disk: string): Promise<ReadonlyMap<number, string>> {
  const names = (await files.list(`/sys/class/block/${disk}`)).filter((name) => name.startsWith(disk));
  const numbered = await Promise.all(
    names.map(async (name) => {
      const number = await files.textOrNull(`/sys/class/block/${disk}/${name}/partition`);
      return number === null ? [] : [[Number(number), name] as const];
    }),
  );
  return new Map(numbered.flat());
}

async function byIdentifier(ports: ImagePorts, uuid: string | null): Promise<string | null> {
  if (uuid === null || !/^[0-9a-zA-Z-]+$/.test(uuid)) return null;
  const links = [`/dev/disk/by-partuuid/${uuid.toLowerCase()}`, `/dev/disk/by-uuid/${uuid}`];
  for (const link of links) {
    const found = await ports.files.real(link);
    if (found !== null) return basename(found);
  }
  return null;
}

/** The first partition of the disk that is an EFI system partition by type, else the one with the identifier. @throws DeviceNotFound */
export async function findEsp(
  ports: ImagePorts,
  { path }: TargetDisk,
  identifier: string | null,
  signal: AbortSignal,
): Promise<Esp> {
  const nodes = await nodesOf(ports, basename(path));
  const types = await ports.tools.run(partxTypes, { device: path }, signal);
  const flagged = types.find(({ type, number }) => ESP_TYPES.includes(type) && nodes.has(number));
  const named = flagged === undefined ? await byIdentifier(ports, identifier) : null;
  const hit = [...nodes].find(([number, name]) => number === flagged?.number || name === named);
  if (hit !== undefined) return { device: `/dev/${hit[1]}`, number: hit[0] };
  throw DeviceNotFound(`${path} has no EFI system partition`, {
    hint: 'the machine runs in UEFI mode; use an image that is built for UEFI, or boot the machine in BIOS mode',
  });
}
