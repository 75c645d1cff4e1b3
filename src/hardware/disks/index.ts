export { type Disk, DiskRecord, toWireDisk } from './disk.ts';
export * from './erase/index.ts';
export {
  type BlockNode,
  deepestFirst,
  type HolderTree,
  inspectHolders,
  type NodeKind,
  parseMountInfo,
} from './holders.ts';
export { listDisks, settle } from './list.ts';
export { isVirtualMedia } from './media.ts';
export { prepareDiskForImage, preparePartitionsForImage } from './prepare.ts';
export { describeRelease, planRelease, type ReleaseAct, release } from './release.ts';
export * from './root/index.ts';
