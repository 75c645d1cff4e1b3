export { decideFormat, type FormatDecision, type FormatRules } from './decide.ts';
export type { ForeignFormat } from './signatures.ts';
