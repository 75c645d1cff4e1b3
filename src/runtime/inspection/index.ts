export type { InspectionContext } from './context.ts';
export { type InspectionReport, makeReport } from './report.ts';
export { keepSending, sendReport } from './send.ts';
