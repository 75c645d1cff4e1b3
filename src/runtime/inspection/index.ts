export type { InspectionContext } from './context.ts';
export { wantsLldp } from './lldp.ts';
export { logCollector } from './logs.ts';
export { inspectAlone } from './program.ts';
export { type InspectionReport, makeReport, wantedCollectors } from './report.ts';
export { keepSending, type LateReport, sendReport } from './send.ts';
export { waitForNic } from './wait-for-nic.ts';
