export { buildRawDisk } from './raw-disk.ts';
export type { DiskParts } from './root-files.ts';
export { buildRootPartition } from './root-partition.ts';
