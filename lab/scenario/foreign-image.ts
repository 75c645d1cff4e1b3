import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import got from 'got';
import { MiB, reasonOf } from '../../src/core/index.ts';
import type { Timeline } from '../timeline/index.ts';
import { LabUsage, PreparationFailed } from './errors.ts';
import type { ImageSpec } from './spec.ts';

const QCOW2_MAGIC = 0x514649fb;
const SIZE_OFFSET = 24;

interface Wanted {
  readonly source: string;
  readonly imageFormat: string | null;
  readonly expect: string;
  readonly partitionImage: boolean;
}

async function download(url: string, directory: string, timeline: Timeline, signal: AbortSignal): Promise<string> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, basename(new URL(url).pathname) || 'image');
  const stream = got.stream(url, { signal });
  stream.on('downloadProgress', ({ transferred, total }: { transferred: number; total?: number }) =>
    timeline.progress(transferred, total ?? null, 'bytes'),
  );
  try {
    await pipeline(stream, createWriteStream(path), { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw PreparationFailed(`${url} cannot be fetched: ${reasonOf(error)}`, { cause: error });
  }
  return path;
}

async function sha256Of(path: string, size: number, timeline: Timeline, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  let done = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: MiB, signal })) {
    hash.update(chunk);
    done += chunk.length;
    timeline.progress(done, size, 'bytes');
  }
  return hash.digest('hex');
}

/** Format and size of the disk inside, from the first bytes; what is not qcow2 counts as raw. */
async function look(path: string): Promise<{ readonly format: 'qcow2' | 'raw'; readonly virtualSize: number }> {
  const file = await open(path);
  try {
    const head = Buffer.alloc(32);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    const qcow2 = bytesRead === head.length && head.readUInt32BE(0) === QCOW2_MAGIC;
    const { size } = await file.stat();
    return qcow2
      ? { format: 'qcow2', virtualSize: Number(head.readBigUInt64BE(SIZE_OFFSET)) }
      : { format: 'raw', virtualSize: size };
  } finally {
    await file.close();
  }
}

/** An image that the lab did not build: a URL is fetched into `directory`, a file is used in place. */
export async function foreignImage(
  wanted: Wanted,
  directory: string,
  timeline: Timeline,
  signal: AbortSignal,
): Promise<ImageSpec> {
  const { source, imageFormat, expect, partitionImage: partition } = wanted;
  const isUrl = /^https?:\/\//.test(source);
  const path = isUrl ? await download(source, directory, timeline, signal) : resolve(source);
  const found = await stat(path).catch(() => null);
  if (found?.isFile() !== true) throw LabUsage(`--image ${source}: no such file`);
  const { format, virtualSize } = await look(path);
  const sha256 = await sha256Of(path, found.size, timeline, signal);
  const declared = imageFormat?.replace(/-.*$/, '') ?? format;
  return { path, format: declared, sha256, fileSize: found.size, virtualSize, expect, partition, ours: false, source };
}
