export { type BootloaderRequest, cleanNvram, DISK_ENTRIES, installBootloader } from './bootloader/index.ts';
export { type ConfigDriveReport, type DriveContent, loadConfigDrive, placeConfigDrive } from './configdrive/index.ts';
export { assertRecognisable, mbrSignature } from './disk/index.ts';
export * from './errors.ts';
export { injectFiles, needsRootDisk, readEntries } from './inject/index.ts';
export {
  type PartitionInput,
  type PartitionPlan,
  type PartitionReport,
  planPartitions,
  writePartitionImage,
} from './partitions/index.ts';
export { ImageInfo, type ImagePlan, type PartitionRequest, planImage } from './plan/index.ts';
export type { BootloaderPorts, ImagePorts, ImageReport, ImageSettings, ImageTls, TargetDisk } from './ports.ts';
export { type WriteHooks, writeImage } from './write/index.ts';
