import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Log, MiB } from '../../src/core/index.ts';
import { requireFiles, requireFreeSpace, runCommand } from '../host/index.ts';
import { kernelPackageName, unpackedPackage } from './debian.ts';
import { buildRawDisk, buildRootPartition, type DiskParts } from './disk/index.ts';
import { ImageBuildFailed } from './errors.ts';
import { grubFiles } from './grub.ts';

export interface OsImageOptions {
  /** Finished images are kept here under a name made of all their inputs, and found again. */
  readonly directory: string;
  /** Unpacked Debian packages are kept here. */
  readonly cache: string;
  readonly format: 'raw' | 'qcow2';
  /** Compression of qcow2 clusters; absent: none. */
  readonly compression?: 'deflate' | 'zstd';
  /** Size of the disk in the image; default 256. */
  readonly sizeMiB?: number;
  /** Incompressible data in the root file system, so that writing takes its time; default 0. */
  readonly payloadMiB?: number;
  readonly logicalSectorBytes?: 512 | 4096;
  /** Default `disk`. `partition`: the root file system alone, with its boot loaders as files in it. */
  readonly kind?: 'disk' | 'partition';
  readonly log: Log;
}

export interface OsImage {
  readonly path: string;
  readonly format: 'raw' | 'qcow2';
  readonly sha256: string;
  /** Bytes of the disk, or the root file system, in the image. */
  readonly virtualSize: number;
  /** Bytes of the file. */
  readonly fileSize: number;
  /** The line that the system prints once it is up. */
  readonly bannerMarker: string;
}

const FIXED_MIB = 40;
const SYSTEM_MIB = 100;

async function fileHash(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: MiB })) hash.update(chunk);
  return hash.digest('hex');
}

const script = (name: string) => readFile(join(import.meta.dirname, 'guest', name), 'utf8');

async function gather(options: OsImageOptions, signal: AbortSignal): Promise<DiskParts> {
  const from = { cache: options.cache, log: options.log };
  const kernel = await unpackedPackage(await kernelPackageName(signal), from, signal);
  const busybox = await unpackedPackage('busybox-static', from, signal);
  const payloadMiB = options.payloadMiB ?? 0;
  const sizeMiB = options.sizeMiB ?? Math.max(256, FIXED_MIB + SYSTEM_MIB + payloadMiB);
  if (sizeMiB < FIXED_MIB + SYSTEM_MIB + payloadMiB)
    throw ImageBuildFailed(`${sizeMiB} MiB hold no system with ${payloadMiB} MiB of payload`, {
      hint: `ask for ${FIXED_MIB + SYSTEM_MIB + payloadMiB} MiB or more`,
    });
  const sectorBytes = options.logicalSectorBytes ?? 512;
  const [initScript, osScript] = [await script('initrd.sh'), await script('os.sh')];
  const kind = options.kind ?? 'disk';
  return { kernel, busybox, initScript, osScript, sizeMiB, payloadMiB, sectorBytes, kind };
}

/** Names the image by what goes into it. The recipe's own text is one of the inputs. */
async function keyOf(parts: DiskParts): Promise<string> {
  const sources = [
    'disk/raw-disk.ts',
    'disk/root-files.ts',
    'disk/root-partition.ts',
    'grub.ts',
    'initrd.ts',
    'filesystems.ts',
    'gpt.ts',
    'cpio.ts',
    'tree.ts',
  ];
  const recipe = await Promise.all(sources.map((name) => readFile(join(import.meta.dirname, name), 'utf8')));
  const { kernel, busybox, ...plain } = parts;
  const inputs = [kernel.name, kernel.version, busybox.version, plain, recipe];
  return createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 12);
}

async function convert(raw: string, target: string, options: OsImageOptions, signal: AbortSignal): Promise<void> {
  if (options.format === 'raw') return rename(raw, target);
  const type = options.compression === 'zstd' ? 'zstd' : 'zlib';
  const compress = options.compression === undefined ? [] : ['-c', '-o', `compression_type=${type}`];
  const args = ['convert', '-f', 'raw', '-O', 'qcow2', ...compress, raw, target];
  await runCommand('qemu-img', args, { timeoutMs: 600_000 }, signal);
  await rm(raw);
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

/**
 * Builds, or finds built, a small whole-disk system that boots in BIOS and UEFI mode (4096-byte sectors: UEFI only)
 * from virtio, NVMe, SATA, SCSI and USB disks, prints a banner (`readBanner`) on its consoles and then waits.
 * Equal inputs give equal bytes.
 */
export async function buildOsImage(options: OsImageOptions, signal: AbortSignal): Promise<OsImage> {
  await requireFiles(grubFiles);
  const parts = await gather(options, signal);
  const key = await keyOf(parts);
  const flavour = options.format === 'raw' ? 'raw' : `${options.compression ?? 'plain'}.qcow2`;
  const root = options.kind === 'partition' ? 'root.' : '';
  const path = join(options.directory, `lab-os-${key}.${root}${flavour}`);
  if (!(await exists(path))) await build(parts, { path, key, options }, signal);
  const { size } = await stat(path);
  const known = await readFile(`${path}.sha256`, 'utf8').catch(() => null);
  const sha256 = known ?? (await fileHash(path));
  if (known === null) await writeFile(`${path}.sha256`, sha256);
  const virtualSize = parts.sizeMiB * MiB;
  return { path, format: options.format, sha256, virtualSize, fileSize: size, bannerMarker: `lab-os-${key} is up` };
}

interface Target {
  readonly path: string;
  readonly key: string;
  readonly options: OsImageOptions;
}

async function build(parts: DiskParts, target: Target, signal: AbortSignal): Promise<void> {
  const { options, path, key } = target;
  await requireFreeSpace(options.directory, 2 * parts.sizeMiB * MiB);
  options.log.info('lab.image.build', { path, sizeMiB: parts.sizeMiB });
  await mkdir(options.directory, { recursive: true });
  const work = await mkdtemp(join(options.directory, '.build-'));
  try {
    const builder = parts.kind === 'partition' ? buildRootPartition : buildRawDisk;
    const raw = await builder(parts, { work, name: `lab-os-${key}` }, signal);
    const finished = join(work, 'finished');
    await convert(raw, finished, options, signal);
    await rm(`${path}.sha256`, { force: true });
    await rename(finished, path);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
