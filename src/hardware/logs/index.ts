export { collectSystemLogs, type LogOptions } from './collect.ts';
