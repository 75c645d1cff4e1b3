import { InvalidImage } from '../errors.ts';
import type { ClusterMapBuilder } from './cluster-map.ts';
import type { Qcow2Header } from './header.ts';

const HIGH_OFFSET = 0x00ffffff;
const LOW_OFFSET = 0xfffffe00;
const IS_COMPRESSED = 0x40000000;

const refuse = (why: string) => InvalidImage(`qcow2 image: ${why}`, { hint: 'check the file with qemu-img check' });
const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** One L2 table: where it lies and which part of the disk it describes. */
export interface L2Table {
  readonly offset: number;
  /** First guest cluster. */
  readonly guest: number;
}

/** What the file offers: an offset is checked against it. */
export interface FileBounds {
  /** Null when the server does not announce it. */
  readonly fileBytes: number | null;
}

function checkedOffset(offset: number, header: Qcow2Header, { fileBytes }: FileBounds, what: string): number {
  if (offset % header.clusterBytes !== 0) throw refuse(`${what} at ${offset} is not at a cluster`);
  if (offset < header.clusterBytes) throw refuse(`${what} overlaps the header`);
  if (fileBytes !== null && offset >= fileBytes) throw refuse(`${what} at ${offset} lies beyond the end of the file`);
  const l1End = header.l1Offset + header.l1Entries * 8;
  if (offset < l1End && offset + header.clusterBytes > header.l1Offset) throw refuse(`${what} overlaps the L1 table`);
  return offset;
}

/** The L2 tables of an image in the order of the file; unallocated ones are left out (their range is a hole).
 * @param l1 the L1 table as in the file */
export function parseL1(l1: Uint8Array, header: Qcow2Header, bounds: FileBounds): readonly L2Table[] {
  const view = viewOf(l1);
  const clustersEach = header.clusterBytes / 8;
  const tables: L2Table[] = [];
  for (let i = 0; i < header.l1Entries; i++) {
    const offset = (view.getUint32(i * 8) & HIGH_OFFSET) * 2 ** 32 + ((view.getUint32(i * 8 + 4) & LOW_OFFSET) >>> 0);
    if (offset !== 0)
      tables.push({ offset: checkedOffset(offset, header, bounds, 'an L2 table'), guest: i * clustersEach });
  }
  tables.sort((a, b) => a.offset - b.offset);
  const shared = tables.find((table, i) => table.offset === tables[i - 1]?.offset);
  if (shared !== undefined) throw refuse(`two L1 entries share the L2 table at ${shared.offset}`);
  return tables;
}

/** Adds what one L2 table maps. Clusters beyond the virtual size are left out. @param l2 as in the file */
export function parseL2(
  l2: Uint8Array,
  table: L2Table,
  header: Qcow2Header,
  bounds: FileBounds,
  map: ClusterMapBuilder,
): void {
  const view = viewOf(l2);
  const last = Math.ceil(header.virtualSize / header.clusterBytes);
  const entries = Math.min(l2.length / 8, last - table.guest);
  const compressedBits = header.clusterBits - 8;
  const highBits = 30 - compressedBits;
  for (let i = 0; i < entries; i++) {
    const high = view.getUint32(i * 8);
    const low = view.getUint32(i * 8 + 4);
    if ((high & IS_COMPRESSED) !== 0) {
      const host = (high & (2 ** highBits - 1)) * 2 ** 32 + low;
      const sectors = ((high & 0x3fffffff) >>> highBits) + 1;
      addCompressed(host, sectors * 512 - (host % 512), table.guest + i, bounds, map);
      continue;
    }
    const isZero = header.version === 3 && (low & 1) !== 0;
    const host = (high & HIGH_OFFSET) * 2 ** 32 + ((low & LOW_OFFSET) >>> 0);
    if (isZero || host === 0) continue;
    map.addPlain(checkedOffset(host, header, bounds, 'a data cluster'), table.guest + i);
  }
}

function addCompressed(host: number, bytes: number, guest: number, { fileBytes }: FileBounds, map: ClusterMapBuilder) {
  if (host < 72) throw refuse('a compressed cluster overlaps the header');
  if (!Number.isSafeInteger(host) || (fileBytes !== null && host >= fileBytes))
    throw refuse(`a compressed cluster at ${host} lies beyond the end of the file`);
  map.addCompressed(host, guest, fileBytes === null ? bytes : Math.min(bytes, fileBytes - host));
}
