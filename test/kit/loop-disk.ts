import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A disk made of a file: a loop device of its own, removed by `close`. Needs root. */
export interface LoopDisk {
  /** `/dev/loop3` */
  readonly path: string;
  readonly file: string;
  readonly size: number;
  readonly logicalSectorBytes: number;
  /** Bytes of the backing file, that is what the disk holds. */
  read(offset: number, length: number): Buffer;
  all(): Buffer;
  close(): void;
}

export interface LoopDiskOptions {
  readonly bytes: number;
  readonly sectorBytes?: 512 | 4096;
  /** What the disk holds before; default 0xff everywhere, so that forgotten holes show. Null leaves it sparse. */
  readonly fill?: number | null;
}

const run = (bin: string, ...args: string[]) => execFileSync(bin, args, { encoding: 'utf8' }).trim();

export function createLoopDisk({ bytes, sectorBytes = 512, fill = 0xff }: LoopDiskOptions): LoopDisk {
  const dir = mkdtempSync('/tmp/loop-disk-');
  const file = join(dir, 'disk.img');
  const fd = openSync(file, 'w');
  ftruncateSync(fd, bytes);
  const block = Buffer.alloc(1 << 20, fill ?? 0);
  if (fill !== null)
    for (let at = 0; at < bytes; at += block.length) writeSync(fd, block, 0, Math.min(block.length, bytes - at), at);
  closeSync(fd);
  const path = run('losetup', '--find', '--show', '--partscan', '--direct-io=on', `--sector-size=${sectorBytes}`, file);
  return {
    path,
    file,
    size: bytes,
    logicalSectorBytes: sectorBytes,
    read(offset, length) {
      const source = openSync(file, 'r');
      const into = Buffer.alloc(length);
      const count = readSync(source, into, 0, length, offset);
      closeSync(source);
      return into.subarray(0, count);
    },
    all: () => readFileSync(file),
    close() {
      run('losetup', '--detach', path);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
