import { DeviceNotFound } from '../../hardware/index.ts';
import { partxTypes } from '../../system/index.ts';
import type { ImagePorts, TargetDisk } from '../ports.ts';
import { byIdentifier, type NamedPartition } from './identifiers.ts';

/** GPT type GUID and MBR type of an EFI system partition. */
const ESP_TYPES: readonly string[] = ['c12a7328-f81f-11d2-ba4b-00a0c93ec93b', '0xef'];

export interface Esp {
  readonly device: string;
  readonly number: number;
}

/** The first partition of the disk that is an EFI system partition by type, else the one with the identifier. @throws DeviceNotFound */
export async function findEsp(
  { tools }: ImagePorts,
  { path }: TargetDisk,
  partitions: readonly NamedPartition[],
  identifier: string | null,
  signal: AbortSignal,
): Promise<Esp> {
  const types = await tools.run(partxTypes, { device: path }, signal);
  const typed = types.filter(({ type }) => ESP_TYPES.includes(type)).map(({ number }) => number);
  const hit =
    partitions.find(({ number }) => typed.includes(number)) ??
    (identifier === null ? undefined : byIdentifier(partitions, identifier));
  if (hit !== undefined) return hit;
  throw DeviceNotFound(`${path} has no EFI system partition`, {
    hint: 'the machine runs in UEFI mode; use an image that is built for UEFI, or boot the machine in BIOS mode',
  });
}
