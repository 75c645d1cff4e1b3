import { InvalidImage } from '../errors.ts';
import { type ClusterMap, type ClusterMapBuilder, createClusterMap } from './cluster-map.ts';
import type { Qcow2Header } from './header.ts';
import { createTableWatch, type TableWatch } from './table-watch.ts';
import { type FileBounds, parseL1, parseL2 } from './tables.ts';

export interface FileRange {
  readonly offset: number;
  readonly length: number;
}

/** Reads ranges of the file, which are in its order and do not overlap, and hands each over in turn. */
export type RangeReader = (
  ranges: readonly FileRange[],
  deliver: (bytes: Uint8Array, index: number) => void,
) => Promise<void>;

/** Everything that must be known before the data can be streamed. */
export interface Qcow2Layout {
  readonly header: Qcow2Header;
  readonly map: ClusterMap;
  readonly watches: readonly TableWatch[];
}

/** Reads L1, then all L2 tables (1 MiB per 8 GiB with 64 KiB clusters). @throws InvalidImage */
export async function readLayout(header: Qcow2Header, bounds: FileBounds, read: RangeReader): Promise<Qcow2Layout> {
  const l1Range = { offset: header.l1Offset, length: header.l1Entries * 8 };
  const l1Watch = createTableWatch([l1Range]);
  let l1: Uint8Array = new Uint8Array(0);
  await read([l1Range], (bytes) => {
    l1 = new Uint8Array(bytes);
    l1Watch.fetched(bytes);
  });
  const tables = parseL1(l1, header, bounds);
  const ranges = tables.map((table) => ({ offset: table.offset, length: header.clusterBytes }));
  const l2Watch = createTableWatch(ranges);
  const builder: ClusterMapBuilder = createClusterMap(
    Math.ceil(header.virtualSize / header.clusterBytes),
    header.clusterBytes,
  );
  await read(ranges, (bytes, index) => {
    const table = tables[index];
    if (table === undefined || bytes.length < header.clusterBytes)
      throw InvalidImage('qcow2 image: an L2 table lies beyond the end of the file');
    l2Watch.fetched(bytes);
    parseL2(bytes, table, header, bounds, builder);
  });
  return { header, map: builder.build(), watches: [l1Watch, l2Watch] };
}
