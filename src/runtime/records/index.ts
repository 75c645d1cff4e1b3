export { createNodeRecord, type NodeRecordOptions } from './node.ts';
export { createWrittenRecord } from './written.ts';
