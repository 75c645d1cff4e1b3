import { MiB, reasonOf } from '../../core/index.ts';
import {
  type ByteWindow,
  type ForeignImage,
  openScratch,
  qemuImgCheck,
  qemuImgConvert,
  qemuImgInfo,
  qemuImgMap,
  qemuImgVersion,
  syncAll,
  ToolFailed,
  ToolMissing,
} from '../../system/index.ts';
import { ImageWriteFailed, InvalidImage } from '../errors.ts';
import type { ForeignFormat } from '../format/index.ts';
import type { ImagePorts } from '../ports.ts';
import { FLATTEN, refuse, SECTOR } from './fields.ts';
import type { Store } from './receive.ts';
import { planStretches, type Stretch } from './stretches.ts';

/** What qemu-img and libraries under it say when there is no memory, or no thread, for them at the moment. */
const SHORT_OF_MEMORY = /Resource temporarily unavailable|Cannot allocate memory/;
const HEAD_BYTES = MiB;
const MAX_LINES = 3;
const DRIVERS: Readonly<Record<ForeignFormat, string>> = { vmdk: 'vmdk', vhd: 'vpc', vhdx: 'vhdx', vdi: 'vdi' };

/** The settings of [disk_utils]image_convert_*. */
export interface ConvertRules {
  readonly memoryBytes: number;
  readonly attempts: number;
}

/** An image whose digest is verified and whose tables have been checked. */
export interface Examined {
  readonly format: ForeignFormat;
  readonly image: ForeignImage;
  readonly virtualSize: number;
  /** The first bytes of the disk inside, at most 1 MiB. */
  readonly head: Uint8Array;
}

type Ports = Pick<ImagePorts, 'tools' | 'log'>;

/** @throws InvalidImage naming the package, before anything else is done */
export async function requireConverter({ tools }: Ports, format: ForeignFormat, signal: AbortSignal): Promise<void> {
  await tools.run(qemuImgVersion, {}, signal).catch((error: unknown) => {
    if (!ToolMissing.is(error)) throw error;
    throw InvalidImage(`image format ${format} needs qemu-img, which is not in this ramdisk`, {
      cause: error,
      hint: `add package ${qemuImgVersion.packages.debian} to the ramdisk, or provide the image as raw or qcow2`,
    });
  });
}

const said = (error: unknown) => (ToolFailed.is(error) ? String(error.data.stderr_tail ?? '') : '');
const isShortOfMemory = (error: unknown) => SHORT_OF_MEMORY.test(said(error));

/** What qemu-img said, without the descriptions of our windows; the first line is the most particular one. */
function plainReason(error: unknown): string {
  const lines = said(error)
    .split('\n')
    .map((line) => line.replaceAll(/'json:[^']*'/g, 'it').replace(/^qemu-img: /, ''))
    .filter((line) => line !== '');
  return lines.length === 0 ? reasonOf(error) : [...new Set(lines.slice(0, MAX_LINES))].join('; ');
}

/** Repeats what failed for want of memory, after the dirty pages are gone (imaging 3.1). */
async function withMemory<T>(ports: Ports, rules: ConvertRules, work: () => Promise<T>, signal: AbortSignal) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!isShortOfMemory(error)) throw error;
      if (attempt >= rules.attempts)
        throw ImageWriteFailed(`qemu-img had too little memory ${attempt} times: ${plainReason(error)}`, {
          cause: error,
          hint: `image_convert_memory_limit is ${rules.memoryBytes / MiB} MiB; raise it if the machine has more`,
        });
      ports.log.warn('image.convert.again', { attempt, reason: plainReason(error) });
      await ports.tools.run(syncAll, {}, signal);
    }
  }
}

/** Failures while an image is read are the image's; ours keep their own words. */
const unreadable = (format: ForeignFormat) => (error: unknown) => {
  if (!ToolFailed.is(error)) throw error;
  throw InvalidImage(`${format} image: qemu-img cannot read it: ${plainReason(error)}`, {
    cause: error,
    data: error.data,
    hint: 'the image is damaged or was cut short before its checksum was made',
  });
};

/** Reads a part of the disk inside an image, at most as much as fits into memory easily. */
export async function readPart(
  ports: Ports,
  rules: ConvertRules,
  part: { readonly image: ForeignImage; readonly from: number; readonly length: number },
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { image, from, length } = part;
  const into = new Uint8Array(length);
  if (length === 0) return into;
  const scratch = await openScratch();
  try {
    await scratch.write(into, 0);
    const to: ByteWindow = { path: scratch.path, kind: 'file', offset: 0, length };
    const convert = () => ports.tools.run(qemuImgConvert, { image, from, to, tell: () => undefined }, signal);
    await withMemory(ports, rules, convert, signal);
    await scratch.read(into, 0);
    return into;
  } finally {
    await scratch.close();
  }
}

/**
 * Lets qemu-img look at a staged image whose digest is verified: all of its tables lead somewhere, nothing outside is
 * named, its size is what it said at first.
 * @param limit the size that room was made for. @throws InvalidImage
 */
export async function examine(
  ports: Ports,
  rules: ConvertRules,
  staged: Store & { readonly format: ForeignFormat; readonly limit: number },
  signal: AbortSignal,
): Promise<Examined> {
  const { format, device, staging, limit } = staged;
  const length = Math.ceil(staging.imageBytes / SECTOR) * SECTOR;
  const kind = staging.kind === 'disk' ? 'disk' : 'file';
  const at: ByteWindow = { path: device.path, kind, offset: staging.offset, length };
  const image: ForeignImage = { driver: DRIVERS[format], at, memoryBytes: rules.memoryBytes };
  const read = async () => {
    const info = await ports.tools.run(qemuImgInfo, image, signal);
    // qemu-img cannot check this one; it looks for the end of the file when it opens it.
    if (format !== 'vhd') await ports.tools.run(qemuImgCheck, image, signal);
    return info;
  };
  const { virtualSize, backing } = await withMemory(ports, rules, read, signal).catch(unreadable(format));
  if (backing !== null) throw refuse(format, `it is based on another image, ${backing}`, FLATTEN);
  if (virtualSize > limit) throw refuse(format, `its size is ${virtualSize} bytes, but its header said ${limit}`);
  const head = { image, from: 0, length: Math.min(HEAD_BYTES, virtualSize) };
  return {
    ...{ format, image, virtualSize },
    head: await readPart(ports, rules, head, signal).catch(unreadable(format)),
  };
}

/** What of a part of the disk has to be converted and what only has to become zero. */
export async function findStretches(
  ports: Ports,
  { image }: Examined,
  from: number,
  to: number,
  signal: AbortSignal,
): Promise<readonly Stretch[]> {
  const map = await ports.tools.run(qemuImgMap, image, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    // A map may be too long, or memory short: then all counts as data.
    ports.log.warn('image.convert.unmapped', { reason: plainReason(error) });
    return [];
  });
  return planStretches(map, from, to);
}

/** Writes a part of the disk inside to its place. @throws ImageWriteError */
export async function convertBody(
  ports: Ports,
  rules: ConvertRules,
  { image }: Examined,
  body: { readonly disk: string; readonly from: number; readonly to: number; readonly meter: (done: number) => void },
  signal: AbortSignal,
): Promise<void> {
  const { disk, from, to, meter } = body;
  const length = to - from;
  if (length <= 0) return;
  const target: ByteWindow = { path: disk, kind: 'disk', offset: from, length };
  const tell = (share: number) => meter(from + Math.round(share * length));
  const convert = () => ports.tools.run(qemuImgConvert, { image, from, to: target, tell }, signal);
  await withMemory(ports, rules, convert, signal).catch((error: unknown) => {
    if (!ToolFailed.is(error)) throw error;
    const data = { ...error.data, device: disk };
    throw ImageWriteFailed(`qemu-img cannot write the image to ${disk}: ${plainReason(error)}`, { cause: error, data });
  });
}
