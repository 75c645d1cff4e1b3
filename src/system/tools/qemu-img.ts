import { Type } from 'typebox';
import { parse } from '../../core/index.ts';
import { defineTool } from '../tool.ts';

/** `qemu-img` under a bound on its memory. Without the limit on arenas glibc maps far more than is used. */
const facts = {
  bin: 'qemu-img',
  packages: { debian: 'qemu-utils', redhat: 'qemu-img' },
  env: { MALLOC_ARENA_MAX: '3' },
} as const;
const HOURS = 3_600_000;

/** Part of a file or disk, in bytes; multiples of 512. */
export interface ByteWindow {
  readonly path: string;
  readonly kind: 'file' | 'disk';
  readonly offset: number;
  readonly length: number;
}

/** An image of a named format: nothing is guessed from its content, and nothing outside of the window is opened. */
export interface ForeignImage {
  /** By qemu's name: `vmdk`, `vpc`, `vhdx`, `vdi`. */
  readonly driver: string;
  readonly at: ByteWindow;
  /** Bound on the address space of qemu-img in bytes. */
  readonly memoryBytes: number;
}

/** Who calls holds the disk exclusively already; source and target may be two windows of it. */
const windowNode = ({ path, kind, offset, length }: ByteWindow) => ({
  driver: 'raw',
  offset,
  size: length,
  file: { driver: kind === 'disk' ? 'host_device' : 'file', filename: path, locking: 'off' },
});
const imageNode = ({ driver, at }: ForeignImage) => ({ driver, backing: null, file: windowNode(at) });
const named = (node: unknown) => `json:${JSON.stringify(node)}`;

export const qemuImgVersion = defineTool({
  ...facts,
  effect: 'reads',
  timeoutMs: 30_000,
  argv: () => ['--version'],
  parse: () => undefined,
});

const Info = Type.Object({
  'virtual-size': Type.Integer({ minimum: 0 }),
  'backing-filename': Type.Optional(Type.String()),
});

export interface ForeignFacts {
  /** Bytes of the disk inside. */
  readonly virtualSize: number;
  /** Another file that the image is based on. */
  readonly backing: string | null;
}

export const qemuImgInfo = defineTool({
  ...facts,
  effect: 'reads',
  timeoutMs: 300_000,
  memoryLimit: (i: ForeignImage) => i.memoryBytes,
  title: (i: ForeignImage) => `qemu-img info of the ${i.driver} image`,
  argv: (i: ForeignImage) => ['info', '--output=json', named(imageNode(i))],
  parse: (out): ForeignFacts => {
    const info = parse(Info, JSON.parse(out.stdout), 'qemu-img info');
    return { virtualSize: info['virtual-size'], backing: info['backing-filename'] ?? null };
  },
});

/** Fails when a table of the image leads beyond its end. Exit 3 is about lost space only. */
export const qemuImgCheck = defineTool({
  ...facts,
  effect: 'reads',
  timeoutMs: HOURS,
  okExits: [0, 3],
  memoryLimit: (i: ForeignImage) => i.memoryBytes,
  title: (i: ForeignImage) => `qemu-img check of the ${i.driver} image`,
  argv: (i: ForeignImage) => ['check', '--output=json', named(imageNode(i))],
  parse: () => undefined,
});

/** A stretch of the disk inside an image. */
export interface MappedStretch {
  readonly start: number;
  readonly length: number;
  /** Reads as zeros, and has no data in the image. */
  readonly isHole: boolean;
}

const Mapping = Type.Array(
  Type.Object({
    start: Type.Integer({ minimum: 0 }),
    length: Type.Integer({ minimum: 0 }),
    zero: Type.Boolean(),
    data: Type.Boolean(),
  }),
);

/** Where an image has data, in order. For VHDX all of it is said to be data. */
export const qemuImgMap = defineTool({
  ...facts,
  effect: 'reads',
  timeoutMs: HOURS,
  memoryLimit: (i: ForeignImage) => i.memoryBytes,
  title: (i: ForeignImage) => `qemu-img map of the ${i.driver} image`,
  argv: (i: ForeignImage) => ['map', '--output=json', named(imageNode(i))],
  parse: (out): readonly MappedStretch[] =>
    parse(Mapping, JSON.parse(out.stdout), 'qemu-img map').map(({ start, length, zero, data }) => ({
      ...{ start, length, isHole: zero && !data },
    })),
});

export interface Conversion {
  readonly image: ForeignImage;
  /** Part of the disk inside the image. */
  readonly from: number;
  /** Where that part goes; its length is that of the part. Exists already. */
  readonly to: ByteWindow;
  /** Told the share done, 0 to 1, now and then. */
  readonly tell: (share: number) => void;
}

/** Writes a part of the disk inside an image to its place, zeros included: what was there before does not show. */
export const qemuImgConvert = defineTool({
  ...facts,
  effect: 'destroys',
  timeoutMs: 12 * HOURS,
  maxOutputBytes: 65_536,
  overflow: 'newest',
  memoryLimit: (i: Conversion) => i.image.memoryBytes,
  title: ({ image, to }: Conversion) => `qemu-img convert of the ${image.driver} image to ${to.path}`,
  argv: ({ image, from, to }: Conversion) => [
    ...['convert', '-n', '-p', '-W', '-S', '0', '-O', 'raw'],
    // Past the page cache where that is possible; a file in memory has nothing else.
    ...['-t', to.kind === 'disk' ? 'none' : 'writeback'],
    named({ driver: 'raw', offset: from, size: to.length, file: imageNode(image) }),
    named(windowNode(to)),
  ],
  heard: (text, { tell }) => {
    const share = [...text.matchAll(/\((\d+\.\d+)\/100%\)/g)].at(-1)?.[1];
    if (share !== undefined) tell(Number(share) / 100);
  },
  parse: () => undefined,
});
