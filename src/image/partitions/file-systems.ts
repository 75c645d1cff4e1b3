import { reasonOf } from '../../core/index.ts';
import {
  mkfsBtrfs,
  mkfsBtrfsVersion,
  mkfsExt,
  mkfsVfat,
  mkfsXfs,
  mkfsXfsVersion,
  type NewFileSystem,
  type Tool,
} from '../../system/index.ts';
import { FileSystemNotSupported } from '../errors.ts';
import type { ImagePorts } from '../ports.ts';

interface Maker {
  readonly make: (ports: ImagePorts, place: NewFileSystem, signal: AbortSignal) => Promise<void>;
  /** Asks a program that not every ramdisk has; null for those that ours has. */
  readonly check: Tool<undefined, undefined> | null;
}

const ext = (type: string): Maker => ({
  make: ({ tools }, place, signal) => tools.run(mkfsExt, { ...place, type }, signal),
  check: null,
});
const fat: Maker = { make: ({ tools }, place, signal) => tools.run(mkfsVfat, place, signal), check: null };

const MAKERS: ReadonlyMap<string, Maker> = new Map([
  ['ext2', ext('ext2')],
  ['ext3', ext('ext3')],
  ['ext4', ext('ext4')],
  ['vfat', fat],
  ['msdos', fat],
  ['xfs', { make: ({ tools }, place, signal) => tools.run(mkfsXfs, place, signal), check: mkfsXfsVersion }],
  ['btrfs', { make: ({ tools }, place, signal) => tools.run(mkfsBtrfs, place, signal), check: mkfsBtrfsVersion }],
]);

function makerOf(type: string): Maker {
  const maker = MAKERS.get(type);
  if (maker !== undefined) return maker;
  throw FileSystemNotSupported(`the file system ${type} is not supported`, {
    hint: `ephemeral_format can be ${[...MAKERS.keys()].join(', ')}`,
  });
}

/** Before anything is destroyed. @throws FileSystemNotSupported when the type is unknown or its program is missing */
export async function requireFileSystem({ tools }: ImagePorts, type: string, signal: AbortSignal): Promise<void> {
  const { check } = makerOf(type);
  if (check === null) return;
  await tools.run(check, undefined, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    throw FileSystemNotSupported(`this ramdisk cannot make the file system ${type}: ${reasonOf(error)}`, {
      cause: error,
      hint: 'choose another ephemeral_format, or add the program to the ramdisk',
    });
  });
}

/** @throws FileSystemNotSupported, ToolFailed */
export function makeFileSystem(
  ports: ImagePorts,
  type: string,
  place: NewFileSystem,
  signal: AbortSignal,
): Promise<void> {
  return makerOf(type).make(ports, place, signal);
}
