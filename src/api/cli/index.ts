export { face } from './face.ts';
export { helpText, type Report, report } from './reports.ts';
