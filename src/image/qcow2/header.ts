import { InvalidImage } from '../errors.ts';

const MIN_CLUSTER_BITS = 9;
const MAX_CLUSTER_BITS = 21;
const MAX_L1_BYTES = 32 << 20;
const V2_HEADER = 72;
const V3_HEADER = 104;
const EXTENSION_END = 0;
const EXTENSION_DATA_FILE = 0x44415441;
const EXTENSION_ENCRYPTION = 0x0537be77;

/** What the decoder needs of a qcow2 header (imaging 10.3). Positions are bytes of the file. */
export interface Qcow2Header {
  readonly version: 2 | 3;
  readonly clusterBits: number;
  readonly clusterBytes: number;
  readonly virtualSize: number;
  readonly l1Offset: number;
  /** Entries that cover the virtual size; the table may have more. */
  readonly l1Entries: number;
  readonly compression: 'deflate' | 'zstd';
  /** Left open by a crash: only reference counts may be stale, and they are not read. */
  readonly dirty: boolean;
}

const refuse = (why: string, hint?: string) => InvalidImage(`qcow2 image: ${why}`, hint === undefined ? {} : { hint });
const FLATTEN = 'write a self-contained image with qemu-img convert';

/** A 64-bit number that must stay exact. */
function exact(view: DataView, offset: number, what: string): number {
  const value = view.getBigUint64(offset);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw refuse(`${what} is absurd (${value})`);
  return Number(value);
}

interface Features {
  readonly dirty: boolean;
  readonly compressionField: boolean;
}

function checkFeatures(view: DataView): Features {
  const high = view.getUint32(72);
  const low = view.getUint32(76);
  if ((low & 2) !== 0) throw refuse('it is marked as corrupt', 'repair it with qemu-img check');
  if ((low & 4) !== 0) throw refuse('its data is in an external file', FLATTEN);
  if ((low & 16) !== 0) throw refuse('extended L2 entries are not permitted', FLATTEN);
  if (high !== 0 || (low & ~0b1111) !== 0) throw refuse('it uses features that this agent does not know', FLATTEN);
  return { dirty: (low & 1) !== 0, compressionField: (low & 8) !== 0 };
}

function compressionOf(view: DataView, headerBytes: number, features: Features): 'deflate' | 'zstd' {
  const type = headerBytes > V3_HEADER ? view.getUint8(104) : 0;
  if (features.compressionField !== (type !== 0)) throw refuse('its compression type contradicts its feature bits');
  if (type === 0) return 'deflate';
  if (type === 1) return 'zstd';
  throw refuse(`compression type ${type} is unknown`, FLATTEN);
}

/** Extensions that change where the content is. */
function checkExtensions(view: DataView, start: number, limit: number): void {
  for (let at = start; at + 8 <= limit; ) {
    const type = view.getUint32(at);
    if (type === EXTENSION_END) return;
    if (type === EXTENSION_DATA_FILE) throw refuse('its data is in an external file', FLATTEN);
    if (type === EXTENSION_ENCRYPTION) throw refuse('it is encrypted', FLATTEN);
    at += 8 + Math.ceil(view.getUint32(at + 4) / 8) * 8;
  }
}

function checkL1(header: Qcow2Header, l1Size: number, fileBytes: number | null): void {
  const { l1Offset, l1Entries, clusterBytes } = header;
  const end = l1Offset + l1Size * 8;
  if (l1Size * 8 > MAX_L1_BYTES || l1Size < l1Entries) throw refuse(`its L1 table has an impossible size (${l1Size})`);
  if (l1Offset % clusterBytes !== 0 || l1Offset < clusterBytes) throw refuse('its L1 table overlaps the header');
  if (fileBytes !== null && end > fileBytes) throw refuse('its L1 table lies beyond the end of the file');
}

/** @param head the first bytes of the file, at least 64 KiB where it has them. @param fileBytes null when unknown.
 * @throws InvalidImage for everything that is damaged, unsafe or needs another file */
export function parseQcow2Header(head: Uint8Array, fileBytes: number | null): Qcow2Header {
  if (head.length < V2_HEADER) throw refuse('it is shorter than its header');
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const version = view.getUint32(4);
  if (version !== 2 && version !== 3) throw refuse(`version ${version} is not supported`, FLATTEN);
  if (version === 3 && head.length < V3_HEADER) throw refuse('it is shorter than its header');
  const headerBytes = version === 2 ? V2_HEADER : view.getUint32(100);
  if (version === 3 && (headerBytes < V3_HEADER || headerBytes % 8 !== 0 || headerBytes > head.length))
    throw refuse(`its header length ${headerBytes} is impossible`);
  if (view.getBigUint64(8) !== 0n) throw refuse('it has a backing file', FLATTEN);
  if (view.getUint32(32) !== 0) throw refuse('it is encrypted', FLATTEN);
  const clusterBits = view.getUint32(20);
  if (clusterBits < MIN_CLUSTER_BITS || clusterBits > MAX_CLUSTER_BITS)
    throw refuse(`cluster size 2^${clusterBits} is not supported`);
  const features = version === 3 ? checkFeatures(view) : { dirty: false, compressionField: false };
  const clusterBytes = 2 ** clusterBits;
  const virtualSize = exact(view, 24, 'its virtual size');
  if (virtualSize === 0) throw refuse('it is empty');
  const header: Qcow2Header = {
    version,
    clusterBits,
    clusterBytes,
    virtualSize,
    l1Offset: exact(view, 40, 'the place of its L1 table'),
    l1Entries: Math.ceil(virtualSize / ((clusterBytes / 8) * clusterBytes)),
    compression: version === 3 ? compressionOf(view, headerBytes, features) : 'deflate',
    dirty: features.dirty,
  };
  checkL1(header, view.getUint32(36), fileBytes);
  checkExtensions(view, headerBytes, Math.min(head.length, clusterBytes));
  return header;
}
