export { announcedSize, type Compression, compressionOf, isUnpacked, type UnpackRule } from './compression.ts';
export { decideFormat, type FormatDecision, type FormatRules } from './decide.ts';
export type { ForeignFormat } from './signatures.ts';
