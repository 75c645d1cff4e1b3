export { createNodeRecord, type NodeRecordOptions } from './node.ts';
export { createOutputRecord } from './outputs.ts';
export { createWrittenRecord } from './written.ts';
