import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';

export const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

export const isFilledWith = (bytes: Uint8Array, value: number): boolean =>
  Buffer.compare(bytes, Buffer.alloc(bytes.length, value)) === 0;

/** Reproducible bytes that do not repeat within a gigabyte; `texture` 0 is noise, higher values compress better. */
export function contentBlock(seed: number, bytes: number, texture = 0): Buffer {
  const block = Buffer.alloc(bytes);
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  for (let at = 0; at + 4 <= bytes; at += 4) {
    if (texture === 0 || at % (texture * 4) === 0) state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    block.writeUInt32LE(state, at);
  }
  return block;
}

export interface Piece {
  readonly offset: number;
  readonly data: Uint8Array;
}

/** A whole-disk image with a real GPT made by sgdisk; `pieces` land where they are told, the rest are zeros. */
export function makeGptImage(
  path: string,
  bytes: number,
  pieces: readonly Piece[],
  sectorBytes: 512 | 4096 = 512,
): void {
  const fd = openSync(path, 'w');
  ftruncateSync(fd, bytes);
  closeSync(fd);
  if (sectorBytes === 512) {
    execFileSync('sgdisk', ['-n', '1:2048:+4M', '-t', '1:ef00', '-n', '2:0:0', '-c', '2:root', path], {
      stdio: 'ignore',
    });
  } else {
    const loop = execFileSync('losetup', ['--find', '--show', '--sector-size=4096', path], { encoding: 'utf8' }).trim();
    execFileSync('sgdisk', ['-n', '1:256:+4M', '-t', '1:ef00', '-n', '2:0:0', loop], { stdio: 'ignore' });
    execFileSync('losetup', ['--detach', loop]);
  }
  const again = openSync(path, 'r+');
  for (const { offset, data } of pieces) writeSync(again, data, 0, data.length, offset);
  closeSync(again);
}
