export { decideFormat, type FormatDecision, type FormatRules } from './decide.ts';
