export { faceOf } from './face.ts';
export { type Report, report } from './reports.ts';
