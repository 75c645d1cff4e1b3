export type { EndRecord, FactsRecord } from './contents.ts';
export { type Memory, openMemory, type Remembered } from './memory.ts';
export { plainSettings, slimNode } from './slim.ts';
export { tellBefore } from './tell.ts';
