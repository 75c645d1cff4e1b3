export { measureLoad, type Place } from './measure.ts';
export type { Work, WorkDone, WorkTimes } from './work.ts';
