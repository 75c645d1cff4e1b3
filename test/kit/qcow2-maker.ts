import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Qcow2Options {
  /** `0.10` is version 2, `1.1` version 3. Default 1.1. */
  readonly compat?: '0.10' | '1.1';
  readonly compression?: 'zlib' | 'zstd' | null;
  /** Default 64 KiB. */
  readonly clusterBytes?: number;
  /** Write clusters out of order, as many threads do. */
  readonly outOfOrder?: boolean;
  /** More creation options, such as `extended_l2=on`. */
  readonly extra?: readonly string[];
}

const qemuImg = (...args: readonly string[]) => execFileSync('qemu-img', args, { stdio: ['ignore', 'ignore', 'pipe'] });

/** The raw file as qcow2, by the real tool. */
export function makeQcow2(raw: string, out: string, options: Qcow2Options = {}): Buffer {
  const { compat = '1.1', compression = null, clusterBytes = 65_536, outOfOrder = false, extra = [] } = options;
  const create = [
    `compat=${compat}`,
    `cluster_size=${clusterBytes}`,
    ...(compression === null || compat === '0.10' ? [] : [`compression_type=${compression}`]),
    ...extra,
  ];
  const flags = [...(compression === null ? [] : ['-c']), ...(outOfOrder ? ['-W', '-m', '8'] : [])];
  qemuImg('convert', '-f', 'raw', '-O', 'qcow2', ...flags, '-o', create.join(','), raw, out);
  return readFileSync(out);
}

/** What the real tool reads out of it: the truth that our decoder is compared with. */
export function rawContent(qcow2: string, out: string): Buffer {
  qemuImg('convert', '-f', 'qcow2', '-O', 'raw', qcow2, out);
  return readFileSync(out);
}

/** An image as a running machine leaves it: `write`, `discard` and `write -z` commands of qemu-io in this order. */
export function makeScatteredQcow2(
  out: string,
  bytes: number,
  options: Qcow2Options,
  commands: readonly string[],
): Buffer {
  const { compat = '1.1', clusterBytes = 65_536, extra = [] } = options;
  const create = [`compat=${compat}`, `cluster_size=${clusterBytes}`, ...extra].join(',');
  qemuImg('create', '-f', 'qcow2', '-o', create, out, String(bytes));
  execFileSync('qemu-io', ['-f', 'qcow2', ...commands.flatMap((command) => ['-c', command]), out], { stdio: 'ignore' });
  return readFileSync(out);
}

export interface Edit {
  readonly offset: number;
  readonly value: number | bigint;
  readonly bytes: 1 | 2 | 4 | 8;
}

/** A copy with some big-endian numbers replaced. */
export function edited(image: Uint8Array, ...edits: readonly Edit[]): Buffer {
  const copy = Buffer.from(image);
  for (const { offset, value, bytes } of edits) {
    if (bytes === 8) copy.writeBigUInt64BE(BigInt(value), offset);
    else copy.writeUIntBE(Number(value), offset, bytes);
  }
  return copy;
}
