import { InvalidImage } from '../errors.ts';

/** Reads part of an image; fewer bytes only at its end. */
export type ReadAt = (offset: number, length: number) => Promise<Uint8Array>;

/** What must be known of an image before it is staged. */
export interface ForeignLayout {
  /** The most that the disk inside can have, in bytes. */
  readonly virtualSize: number;
}

export const SECTOR = 512;
export const FLATTEN = 'write a self-contained image with qemu-img convert, best as raw or qcow2';

export const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
export const textAt = (bytes: Uint8Array, offset: number, length: number) =>
  Buffer.from(bytes.subarray(offset, offset + length)).toString('latin1');
export const hexAt = (bytes: Uint8Array, offset: number, length: number) =>
  Buffer.from(bytes.subarray(offset, offset + length)).toString('hex');

export const refuse = (format: string, why: string, hint: string = FLATTEN) =>
  InvalidImage(`${format} image: ${why}`, { hint });

/** The bytes at `offset`, all of them. @throws InvalidImage when the file ends before */
export async function need(read: ReadAt, format: string, offset: number, length: number): Promise<Uint8Array> {
  const bytes = await read(offset, length);
  if (bytes.length < length) throw refuse(format, `it ends before byte ${offset + length}, where its tables are`);
  return bytes;
}

/** A size as a number that must stay exact. */
export function sizeOf(value: bigint, format: string, unit = 1n): number {
  const bytes = value * unit;
  if (bytes === 0n) throw refuse(format, 'it is empty');
  if (bytes > BigInt(Number.MAX_SAFE_INTEGER)) throw refuse(format, `its virtual size is absurd (${bytes})`);
  return Math.ceil(Number(bytes) / SECTOR) * SECTOR;
}
