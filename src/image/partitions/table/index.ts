export { partUuid, type TableIds, type TableWrites, tableWrites } from './bytes.ts';
export { type FoundPartition, type FoundTable, matchExisting, readTable } from './existing.ts';
export { writeTable } from './write.ts';
