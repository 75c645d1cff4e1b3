import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MiB } from '../../src/core/index.ts';
import type { TargetDisk } from '../../src/image/index.ts';

/** In a mount namespace of its own; the loop device keeps the file after that has gone. */
const SCRIPT = `mount -t tmpfs -o size=$2 none "$1" && cd "$1" && truncate -s $3 disk &&
  fallocate -l 1M disk && fallocate -o $(($3 - 1048576)) -l 1M disk && losetup --find --show disk`;

/** A disk whose both ends are good but whose middle takes only `goodBytes`: what is written then fails. Needs root. */
export function createFailingDisk(bytes: number, goodBytes: number): TargetDisk & { close(): void } {
  const dir = mkdtempSync(join(tmpdir(), 'failing-disk-'));
  const sizes = [goodBytes + 2 * MiB, bytes].map(String);
  const options = { encoding: 'utf8' } as const;
  const path = execFileSync('unshare', ['--mount', 'sh', '-c', SCRIPT, 'sh', dir, ...sizes], options).trim();
  return {
    path,
    size: bytes,
    logicalSectorBytes: 512,
    close() {
      execFileSync('losetup', ['--detach', path]);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
